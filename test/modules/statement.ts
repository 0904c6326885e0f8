import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { TaskDefinition } from '../../run/task.ts';

/** Statements of the language are carried out by the executor; a module of theirs has arguments only. */
export function testStatement<A>(
  definition: TaskDefinition<A>,
  cases: {
    /** Arguments as given, and as read. */
    reads: [given: object, read: object][];
    refuses: object[];
    freeForm?: TaskDefinition['freeForm'];
    aliases?: Record<string, string[]>;
  },
): void {
  const test = suite(`arguments of ${definition.name}`);
  test('is left to the executor', () => assert.is(definition.control, true));
  test('reads', () => {
    for (const [given, read] of cases.reads) assert.equal(definition.args.parse(given), read);
  });
  test('refuses', () => {
    for (const given of cases.refuses)
      assert.not.ok(definition.args.safeParse(given).success, `took ${JSON.stringify(given)}`);
  });
  test('has its bare string and other names', () => {
    assert.equal(definition.freeForm, cases.freeForm);
    for (const [name, aliases] of Object.entries(cases.aliases ?? {}))
      for (const alias of aliases) assert.ok(definition.argAliases?.[name]?.includes(alias), alias);
  });
  test.run();
}
