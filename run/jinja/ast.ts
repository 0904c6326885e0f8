/** `pos` is the offset of a node's first character in the template's text; `Template.position` makes it a place. */
interface At {
  readonly pos: number;
}

export type BinaryOperator = '+' | '-' | '*' | '/' | '//' | '%' | '**';
export type CompareOperator = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'not in';

export type Expression =
  | Name
  | Const
  | ListExpr
  | TupleExpr
  | DictExpr
  | GetAttr
  | GetItem
  | Slice
  | Call
  | FilterExpr
  | TestExpr
  | Unary
  | Binary
  | Logic
  | Concat
  | Compare
  | Conditional;

export interface Name extends At {
  readonly type: 'Name';
  readonly name: string;
}
/** `raw` is a string as written, for playbook strings in which Ansible leaves backslashes alone. */
export interface Const extends At {
  readonly type: 'Const';
  readonly value: unknown;
  readonly raw?: string;
  /** Whether a backslash escapes a quote in it, which Ansible takes for two strings. */
  readonly breaks?: boolean;
}
export interface ListExpr extends At {
  readonly type: 'List';
  readonly items: readonly Expression[];
}
export interface TupleExpr extends At {
  readonly type: 'Tuple';
  readonly items: readonly Expression[];
}
export interface DictExpr extends At {
  readonly type: 'Dict';
  readonly items: readonly { readonly key: Expression; readonly value: Expression }[];
}
export interface GetAttr extends At {
  readonly type: 'GetAttr';
  readonly object: Expression;
  readonly name: string;
}
export interface GetItem extends At {
  readonly type: 'GetItem';
  readonly object: Expression;
  readonly key: Expression;
}
/** Only as the key of a `GetItem`. */
export interface Slice extends At {
  readonly type: 'Slice';
  readonly start: Expression | undefined;
  readonly stop: Expression | undefined;
  readonly step: Expression | undefined;
}
export interface Arguments {
  readonly args: readonly Expression[];
  readonly kwargs: readonly { readonly name: string; readonly value: Expression }[];
  /** The list behind `*`. */
  readonly spread: Expression | undefined;
  /** The dict behind `**`. */
  readonly spreadKeywords: Expression | undefined;
}
export interface Call extends At, Arguments {
  readonly type: 'Call';
  readonly callee: Expression;
}
/** `subject` is absent in `{% filter %}` blocks, where the block's text takes its place. */
export interface FilterExpr extends At, Arguments {
  readonly type: 'Filter';
  readonly name: string;
  readonly subject: Expression | undefined;
}
export interface TestExpr extends At, Arguments {
  readonly type: 'Test';
  readonly name: string;
  readonly subject: Expression;
}
export interface Unary extends At {
  readonly type: 'Unary';
  readonly operator: '-' | '+' | 'not';
  readonly operand: Expression;
}
export interface Binary extends At {
  readonly type: 'Binary';
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
}
export interface Logic extends At {
  readonly type: 'Logic';
  readonly operator: 'and' | 'or';
  readonly left: Expression;
  readonly right: Expression;
}
export interface Concat extends At {
  readonly type: 'Concat';
  readonly parts: readonly Expression[];
}
export interface Compare extends At {
  readonly type: 'Compare';
  readonly first: Expression;
  readonly rest: readonly { readonly operator: CompareOperator; readonly operand: Expression }[];
}
export interface Conditional extends At {
  readonly type: 'Conditional';
  readonly test: Expression;
  readonly yes: Expression;
  readonly otherwise: Expression | undefined;
}

export type Target = NameTarget | TupleTarget | NamespaceTarget;
export interface NameTarget extends At {
  readonly type: 'NameTarget';
  readonly name: string;
}
export interface TupleTarget extends At {
  readonly type: 'TupleTarget';
  readonly items: readonly Target[];
}
export interface NamespaceTarget extends At {
  readonly type: 'NamespaceTarget';
  readonly name: string;
  readonly attribute: string;
}

export type Statement =
  | Text
  | Output
  | For
  | If
  | Macro
  | CallBlock
  | FilterBlock
  | With
  | SetStatement
  | SetBlock
  | Block
  | Extends
  | Include
  | Import
  | FromImport
  | Do
  | AutoEscape
  | Break
  | Continue;

export interface Text extends At {
  readonly type: 'Text';
  readonly text: string;
}
export interface Output extends At {
  readonly type: 'Output';
  readonly expression: Expression;
}
export interface For extends At {
  readonly type: 'For';
  readonly target: Target;
  readonly iterable: Expression;
  readonly condition: Expression | undefined;
  readonly recursive: boolean;
  readonly body: readonly Statement[];
  readonly otherwise: readonly Statement[];
}
export interface If extends At {
  readonly type: 'If';
  readonly branches: readonly { readonly test: Expression; readonly body: readonly Statement[] }[];
  readonly otherwise: readonly Statement[];
}
export interface Parameters {
  readonly params: readonly { readonly name: string; readonly fallback: Expression | undefined }[];
}
export interface Macro extends At, Parameters {
  readonly type: 'Macro';
  readonly name: string;
  readonly body: readonly Statement[];
}
export interface CallBlock extends At, Parameters {
  readonly type: 'CallBlock';
  readonly call: Call;
  readonly body: readonly Statement[];
}
export interface FilterBlock extends At {
  readonly type: 'FilterBlock';
  readonly filter: FilterExpr;
  readonly body: readonly Statement[];
}
export interface With extends At {
  readonly type: 'With';
  readonly bindings: readonly { readonly target: Target; readonly value: Expression }[];
  readonly body: readonly Statement[];
}
export interface SetStatement extends At {
  readonly type: 'Set';
  readonly target: Target;
  readonly value: Expression;
}
export interface SetBlock extends At {
  readonly type: 'SetBlock';
  readonly target: Target;
  readonly filter: FilterExpr | undefined;
  readonly body: readonly Statement[];
}
export interface Block extends At {
  readonly type: 'Block';
  readonly name: string;
  readonly scoped: boolean;
  readonly required: boolean;
  readonly body: readonly Statement[];
}
export interface Extends extends At {
  readonly type: 'Extends';
  readonly template: Expression;
}
export interface Include extends At {
  readonly type: 'Include';
  readonly template: Expression;
  readonly ignoreMissing: boolean;
  readonly withContext: boolean;
}
export interface Import extends At {
  readonly type: 'Import';
  readonly template: Expression;
  readonly target: string;
  readonly withContext: boolean;
}
export interface FromImport extends At {
  readonly type: 'FromImport';
  readonly template: Expression;
  readonly names: readonly { readonly name: string; readonly alias: string }[];
  readonly withContext: boolean;
}
export interface Do extends At {
  readonly type: 'Do';
  readonly expression: Expression;
}
export interface AutoEscape extends At {
  readonly type: 'AutoEscape';
  readonly enabled: Expression;
  readonly body: readonly Statement[];
}
export interface Break extends At {
  readonly type: 'Break';
}
export interface Continue extends At {
  readonly type: 'Continue';
}

/** A whole template, or (`expression`) a bare expression. */
export interface Root {
  readonly body: readonly Statement[];
  readonly expression: Expression | undefined;
}
