import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { argumentErrors, type Spec } from '../../run/modules/argument-spec.ts';
import type { TaskNode } from '../../run/playbook/model.ts';
import validate from '../../tasks/validate_argument_spec.ts';
import { runStep } from '../helpers/step.ts';
import { load, python, tasksIn, withTree } from '../playbook/tree.ts';

const test = suite('validate_argument_spec');

const NESTED: Spec = {
  opt: {
    type: 'dict',
    options: { inner: { type: 'int', required: true }, other: { type: 'str', choices: ['x', 'y'] } },
  },
  many: { type: 'list', elements: 'dict', options: { n: { type: 'int', required: true, aliases: ['number'] } } },
};

const CASES: [spec: Spec, given: Record<string, unknown>][] = [
  [{ a: { required: true }, b: { required: true } }, {}],
  [
    { a: null, b: { type: 'str' } },
    { a: 'x', b: 5 },
  ],
  [{ a: { type: 'int' } }, { a: '12' }],
  [{ a: { type: 'int' } }, { a: 'x' }],
  [{ a: { type: 'int' } }, { a: [1] }],
  [{ a: { type: 'float' } }, { a: 'x' }],
  [{ a: { type: 'float' } }, { a: '1.5' }],
  [{ a: { type: 'bool' } }, { a: 'yes' }],
  [{ a: { type: 'bool' } }, { a: [true] }],
  [{ a: { type: 'list' } }, { a: 'a,b' }],
  [{ a: { type: 'list' } }, { a: { b: 1 } }],
  [{ a: { type: 'list', elements: 'int' } }, { a: [1, 'x', '3', 'y'] }],
  [{ a: { type: 'dict' } }, { a: 'k=v, l=w' }],
  [{ a: { type: 'dict' } }, { a: 'text' }],
  [{ a: { type: 'dict' } }, { a: [1] }],
  [{ a: { type: 'raw' } }, { a: [1] }],
  [{ a: { choices: ['x', 'y'] } }, { a: 'z' }],
  [{ a: { choices: ['yes', 'other'] } }, { a: true }],
  [{ a: { type: 'int', choices: [1, 2] } }, { a: '3' }],
  [{ a: { type: 'list', elements: 'str', choices: ['x', 'y'] } }, { a: ['x', 'q', 'r'] }],
  [{ a: { required: true, default: 'x' } }, {}],
  [{ a: { type: 'int', default: 'x' } }, {}],
  [{ a: { required: true, aliases: ['b'] } }, { b: 'x' }],
  [{ a: { type: 'str' } }, { a: 'x', stray: 1, other: 2 }],
  [NESTED, {}],
  [NESTED, { opt: { inner: 3, other: 'x' }, many: [{ n: '1' }, { number: 2 }] }],
  [NESTED, { opt: { other: 'q', strange: 1 }, many: [{ n: 'x' }, {}] }],
  [{ a: { type: 'dict', apply_defaults: true, options: { b: { required: true } } } }, {}],
];

test("finds what Ansible's own validator finds, in its words", () => {
  const theirs = python(
    `from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
def errors(case):
    spec = {name: option or {} for name, option in case[0].items()}
    return ArgumentSpecValidator(spec).validate(case[1]).error_messages
print(json.dumps([errors(case) for case in json.load(sys.stdin)]))`,
    CASES,
  ) as string[][] | undefined;
  if (!theirs) return console.log('skipped: ansible-core is not installed');
  for (const [index, [spec, given]] of CASES.entries())
    assert.equal(argumentErrors(spec, given), theirs[index], JSON.stringify([spec, given]));
});

test('leaves the values as they are', () => {
  const given = { a: '1', many: [{ n: '1' }] };
  argumentErrors({ ...NESTED, a: { type: 'int' }, b: { default: 'x' } }, given);
  assert.equal(given, { a: '1', many: [{ n: '1' }] });
});

test('takes variables of the host, and over them what is provided', async () => {
  const variables: Record<string, unknown> = { port: 'x', name: 'n' };
  const run = async (args: Record<string, unknown>) =>
    (await runStep(validate, args, { context: { variable: (name: string) => variables[name] } })).result;
  const spec = { port: { type: 'int', required: true }, name: {}, absent: { type: 'int' } };
  const failed = await run({ argument_spec: spec, validate_args_context: { name: 'r' } });
  assert.is(failed.failed, true);
  assert.match(String(failed.msg), /^Validation of arguments failed:\nargument 'port' is of type/);
  assert.is((failed.argument_errors as string[]).length, 1);
  assert.equal(failed.validate_args_context, { name: 'r' });
  const passed = await run({ argument_spec: spec, provided_arguments: { port: '12' } });
  assert.is(passed.msg, 'The arg spec validation passed');
});

const SPECS =
  'argument_specs:\n  main: {short_description: Short., options: {a: {type: int}}}\n  other: {options: {}}\n';

test('a role with a specification begins with it', () =>
  withTree(
    {
      'site.yml':
        '- hosts: all\n  roles: [{role: r, a: 1}]\n  tasks:\n    - import_role: {name: r, tasks_from: other}\n' +
        '    - import_role: {name: r, tasks_from: third}\n    - import_role: {name: in_meta}\n',
      'roles/r/meta/argument_specs.yml': SPECS,
      'roles/r/meta/main.yml': 'dependencies: [d]\n',
      'roles/d/tasks/main.yml': '- ping:\n',
      'roles/r/tasks/main.yml': '- ping:\n',
      'roles/r/tasks/other.yml': '- ping:\n',
      'roles/r/tasks/third.yml': '- ping:\n',
      'roles/in_meta/meta/main.yml': SPECS,
    },
    async (directory) => {
      const { playbook } = await load(directory);
      const [play] = playbook.plays;
      const said = (nodes: TaskNode[]): string[] =>
        nodes.map((task) => `${task.role?.name} ${task.name ?? task.module}`);
      const main = "Validating arguments against arg spec 'main' - Short.";
      assert.equal(said(tasksIn(play!.roleBlocks)), ['d ping', `r ${main}`, 'r ping']);
      assert.equal(said(tasksIn(play!.tasks)), [
        'd ping',
        "r Validating arguments against arg spec 'other'",
        'r ping',
        'd ping',
        'r ping',
        `in_meta ${main}`,
      ]);
      const first = tasksIn(play!.roleBlocks)[1]!;
      assert.equal(first.tags, ['always']);
      assert.equal(first.args.provided_arguments, { a: 1 });
    },
  ));

test.run();
