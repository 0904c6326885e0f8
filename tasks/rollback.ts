import { z } from 'zod';
import { bool, choice, str } from '../run/args.ts';
import { LamplighterError } from '../run/errors.ts';
import { journalledRuns, listStep, undoResult, undoStep } from '../run/modules/undo.ts';
import { defineTask } from '../run/task.ts';

const args = z
  .strictObject({
    scope: choice('block', 'run').default('block'),
    run: str()
      .refine((id) => /^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}$/.test(id), 'is no name of a run')
      .optional(),
    force: bool().default(false),
    list: bool().default(false),
  })
  .superRefine(({ list, run }, context) => {
    if (list && run !== undefined)
      context.addIssue({ code: 'custom', message: 'list tells of all runs: leave run out' });
  });
type Args = z.infer<typeof args>;

/**
 * From the journal that each run keeps on the host. `scope: block` (in a rescue) puts back what the block changed, `run` what
 * this run did, `run: ID` an earlier one.
 */
export default defineTask<Args>({
  name: 'lamplighter.mqtt.rollback',
  summary: 'Puts back the files, units and packages that a block, or a whole run, changed on the host.',
  args: args as z.ZodType<Args>,
  checkMode: 'full',
  returns: {
    run: 'The run that was put back.',
    put_back: 'Paths, units and packages that are as before.',
    left: 'What cannot be put back: commands, accounts, upgrades, directories that others use.',
    conflicts: 'What somebody else changed since. Nothing is put back then, unless `force` is set.',
    runs: 'With `list`: the runs in the journal (id, time, files, units, packages, others, undone, undoes), the newest last.',
  },
  example: `
- block:
    - name: Change the listener
      mosquitto_broker:
        listeners: [{ port: 50001 }]
        allow_anonymous: true
    - name: Prove that it answers from here
      mqtt_roundtrip:
        address: "{{ ansible_host }}"
        port: 50001
  rescue:
    - name: The broker as it was
      rollback:
    - fail:
        msg: "{{ ansible_failed_result.msg }}"
`,
  step: ({ scope, run, force, list }, { block }) => {
    if (list) return listStep();
    if (run !== undefined) return undoStep({ run, force });
    if (scope === 'run') return undoStep({ force });
    if (block === undefined)
      throw new LamplighterError('BAD_ARGUMENT', 'rollback stands in no rescue or always of a block', {
        hint: 'To put back all that this run changed so far say "scope: run".',
      });
    return undoStep({ block, force });
  },
  result: (reply, { list }, context) =>
    list && reply.status !== 'failed'
      ? { changed: false, runs: journalledRuns(reply.fields.runs ?? '') }
      : undoResult(reply, context.diff),
});
