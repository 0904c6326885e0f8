import { z } from 'zod';
import { bool, choice, int, str } from '../run/args.ts';
import { replyFacts } from '../run/modules/file-arguments.ts';
import { shellFunctions } from '../run/modules/shell-file.ts';
import { lines, type Sh, sh } from '../run/shell/script.ts';
import { type Diff, defineTask, type StepReply, type TaskResult } from '../run/task.ts';

const args = z
  .strictObject({
    state: choice('enabled', 'disabled', 'reloaded', 'reset').optional(),
    default: choice('allow', 'deny', 'reject').optional(),
    logging: choice('full', 'high', 'low', 'medium', 'off', 'on').optional(),
    rule: choice('allow', 'deny', 'limit', 'reject').optional(),
    direction: choice('in', 'incoming', 'out', 'outgoing', 'routed').optional(),
    delete: bool().default(false),
    route: bool().default(false),
    insert: int().optional(),
    insert_relative_to: choice('zero', 'first-ipv4', 'last-ipv4', 'first-ipv6', 'last-ipv6').default('zero'),
    interface: str().optional(),
    interface_in: str().optional(),
    interface_out: str().optional(),
    log: bool().default(false),
    from_ip: str().default('any'),
    from_port: str().optional(),
    to_ip: str().default('any'),
    to_port: str().optional(),
    proto: choice('ah', 'any', 'esp', 'ipv6', 'tcp', 'udp', 'gre', 'igmp').optional(),
    name: str().optional(),
    comment: str().optional(),
  })
  .superRefine((value, context) => {
    const fail = (message: string) => context.addIssue({ code: 'custom', message });
    const { direction } = value;
    if ([value.state, value.default, value.rule, value.logging].every((each) => each === undefined))
      fail('one of the following is required: state, default, rule, logging');
    if ([value.name, value.proto, value.logging].filter((each) => each !== undefined).length > 1)
      fail('parameters are mutually exclusive: name|proto|logging');
    if (direction !== undefined && (value.interface_in !== undefined || value.interface_out !== undefined))
      fail('parameters are mutually exclusive: direction|interface_in|interface_out');
    if (value.interface !== undefined && direction === undefined)
      fail("missing parameter(s) required by 'interface': direction");
    if (value.default !== undefined && (direction === 'in' || direction === 'out'))
      fail(
        'For default, direction must be one of "outgoing", "incoming" and "routed", or direction must not be specified.',
      );
    if (value.rule !== undefined && direction !== undefined && direction !== 'in' && direction !== 'out')
      fail('For rules, direction must be one of "in" and "out", or direction must not be specified.');
    if (
      value.rule !== undefined &&
      !value.route &&
      value.interface_in !== undefined &&
      value.interface_out !== undefined
    )
      fail('Only route rules can combine interface_in and interface_out');
  });

type Args = z.infer<typeof args>;

/** Source: https://docs.ansible.com/ansible/7/collections/community/general/ufw_module.html */
export default defineTask<Args>({
  name: 'community.general.ufw',
  aliases: ['ansible.builtin.ufw'],
  summary: 'Sets up the firewall with ufw.',
  args: args as unknown as z.ZodType<Args>,
  argAliases: {
    default: ['policy'],
    interface: ['if'],
    interface_in: ['if_in'],
    interface_out: ['if_out'],
    from_ip: ['from', 'src'],
    to_ip: ['dest', 'to'],
    to_port: ['port'],
    proto: ['protocol'],
    name: ['app'],
  },
  checkMode: 'full',
  returns: { commands: 'What was executed.', msg: 'What `ufw status verbose` says afterwards.' },
  example: `
- community.general.ufw:
    rule: allow
    port: "8883"
    proto: tcp
- community.general.ufw:
    state: enabled
    policy: deny`,
  step: (args) =>
    lines(
      shellFunctions(new URL('../run/modules/ufw.sh', import.meta.url)),
      sh`w_start`,
      args.state !== undefined && sh`w_state ${args.state}`,
      args.default !== undefined && sh`w_default ${args.default} ${args.direction ?? ''}`,
      args.rule !== undefined && ruleStep(args, args.rule),
      args.logging !== undefined && sh`w_logging ${args.logging}`,
      sh`w_end`,
    ),
  result: ufwResult,
});

/** `ufw [route] [delete] [insert N] allow …`, the long form of a rule. */
function ruleStep(args: Args, rule: string): Sh {
  const head = [...(args.route ? ['route'] : []), ...(args.delete ? ['delete'] : [])];
  const words = (name: string, value: string | undefined) => (value === undefined ? [] : [...name.split(' '), value]);
  const tail = [
    rule,
    ...(args.direction === undefined ? [] : [args.direction]),
    ...words('on', args.interface),
    ...words('in on', args.interface_in),
    ...words('out on', args.interface_out),
    ...(args.log ? ['log'] : []),
    ...words('from', args.from_ip),
    ...words('port', args.from_port),
    ...words('to', args.to_ip),
    ...words('port', args.to_port),
    ...words('proto', args.proto),
    ...words('app', args.name),
    ...words('comment', args.comment),
  ];
  if (args.insert === undefined || args.delete) return sh`w_rule ${head} ${tail}`;
  return sh`
w_place ${args.insert} ${args.insert_relative_to}
if [ "$m_place" ]; then w_rule ${head} insert "$m_place" ${tail}; else w_rule ${head} ${tail}; fi`;
}

function ufwResult(reply: StepReply, _args: Args, context: { diff: boolean }): TaskResult {
  const { fields } = reply;
  const result: TaskResult = replyFacts(reply);
  if (fields.commands !== undefined) result.commands = fields.commands.split('\n');
  if (reply.status === 'failed' || reply.status === 'unknown') return result;
  if (fields.after !== undefined) result.msg = fields.after;
  if (!context.diff) return result;
  const side = (prefix: string) =>
    Object.fromEntries(
      Object.entries(fields)
        .filter(([key]) => key.startsWith(prefix))
        .map(([key, value]) => [key.slice(prefix.length), value]),
    );
  const settings: Diff[] =
    Object.keys(side('after.')).length > 0 ? [{ before: side('before.'), after: side('after.'), path: 'ufw' }] : [];
  return { ...result, diff: [...settings, ...reply.diffs] };
}
