import { z } from 'zod';
import { bool, choice, int, list, str } from '../run/args.ts';
import { cidr, isAnywhere } from '../run/modules/cidr.ts';
import { Ec2, type Permission, type SecurityGroupRule } from '../run/modules/ec2/client.ts';
import { type ActionHost, defineTask, type TaskResult } from '../run/task.ts';

const args = z
  .strictObject({
    group_id: str().optional(),
    group_name: str().optional(),
    instance_id: str().optional(),
    vpc_id: str().optional(),
    proto: choice('tcp', 'udp').default('tcp'),
    port: int({ min: 1, max: 65535 }),
    cidr_ip: list(cidr(4)).default([]),
    cidr_ipv6: list(cidr(6)).default([]),
    rule_desc: str().optional(),
    state: choice('present', 'absent').default('present'),
    allow_anonymous: bool().default(true),
    allow_anonymous_from_anywhere: bool().default(false),
    region: str().optional(),
    profile: str().optional(),
    endpoint_url: str().optional(),
    timeout: int({ min: 1 }).default(30),
  })
  .superRefine((args, context) => {
    const issue = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    const ways = [args.group_id, args.group_name, args.instance_id].filter((way) => way !== undefined);
    if (ways.length !== 1) issue('group_id', 'exactly one of group_id, group_name and instance_id says which group');
    if (args.cidr_ip.length + args.cidr_ipv6.length === 0)
      issue('cidr_ip', 'cidr_ip or cidr_ipv6 has to say from where');
    const open = [...args.cidr_ip, ...args.cidr_ipv6].find(isAnywhere);
    if (open !== undefined && args.state === 'present' && args.allow_anonymous && !args.allow_anonymous_from_anywhere)
      issue(
        open.includes(':') ? 'cidr_ipv6' : 'cidr_ip',
        `${open} is everybody, and the listener admits anonymous clients: say "allow_anonymous: false" when it does not, ` +
          'or "allow_anonymous_from_anywhere: true" when everybody shall use it',
      );
  });
type Args = z.output<typeof args>;

const BY_CHAIN = 'credentials come from where the AWS SDK finds them (environment, profile, role of the instance)';

/**
 * Asked by the controller. Other rules of the group stay as they are; one that covers the port for the same range is enough.
 * Source: AuthorizeSecurityGroupIngress and DescribeSecurityGroupRules of the EC2 API.
 */
export default defineTask<Args>({
  name: 'lamplighter.mqtt.ec2_security_group_rule',
  summary: 'Opens a port of an EC2 security group to ranges of addresses, or closes it.',
  args: args as unknown as z.ZodType<Args>,
  argAliases: { group_name: ['name'], endpoint_url: ['ec2_url'], profile: ['aws_profile'], region: ['aws_region'] },
  unsupported: {
    access_key: BY_CHAIN,
    secret_key: BY_CHAIN,
    session_token: BY_CHAIN,
    purge_rules: 'the other rules of the group are left alone',
  },
  checkMode: 'full',
  returns: {
    group_id: 'The group.',
    added: 'Ranges that the port was opened to.',
    removed: 'Ranges that it was closed to.',
  },
  example: `
- name: Let the street in
  ec2_security_group_rule:
    instance_id: i-0123456789abcdef0
    region: eu-central-1
    port: 50001
    cidr_ip: [198.51.100.0/24]
    cidr_ipv6: ["2001:db8:51::/48"]
    rule_desc: lamps
`,
  // Judged ahead: the world let in to an anonymous listener is not found out by asking AWS.
  inspect: () => [],
  action: async (args, host) => {
    const { region, profile, endpoint_url: endpointUrl, timeout: timeoutSeconds } = args;
    const ec2 = await Ec2.open({ region, profile, endpointUrl, timeoutSeconds, signal: host.signal });
    try {
      return await settle(ec2, args, host);
    } finally {
      ec2.close();
    }
  },
});

async function settle(ec2: Ec2, args: Args, { check, diff }: ActionHost): Promise<TaskResult> {
  const groupId = await ec2.groupOf({
    groupId: args.group_id,
    groupName: args.group_name,
    instanceId: args.instance_id,
    vpcId: args.vpc_id,
  });
  const rules = await ec2.rules(groupId);
  const wanted = [...args.cidr_ip, ...args.cidr_ipv6].map((range) => ({
    protocol: args.proto,
    port: args.port,
    cidr: range,
    description: args.rule_desc,
  }));
  const added = args.state === 'present' ? wanted.filter((each) => !rules.some((rule) => covers(rule, each))) : [];
  const removed = args.state === 'absent' ? rules.filter((rule) => wanted.some((each) => isRule(rule, each))) : [];
  const wider = args.state === 'absent' ? wanted.filter((each) => rules.some((rule) => isWider(rule, each))) : [];
  if (!check) {
    for (const each of added) await ec2.add(groupId, each);
    for (const { SecurityGroupRuleId = '' } of removed) await ec2.remove(groupId, SecurityGroupRuleId);
  }
  const open = rules.filter((rule) => reaches(rule, args));
  const before = open.map(rangeOf);
  const after = [...open.filter((rule) => !removed.includes(rule)).map(rangeOf), ...added.map((each) => each.cidr)];
  const text = (ranges: readonly string[]) =>
    ranges
      .toSorted()
      .map((range) => `${args.proto} ${args.port} from ${range}\n`)
      .join('');
  return {
    changed: added.length + removed.length > 0,
    group_id: groupId,
    added: added.map((each) => each.cidr),
    removed: removed.map(rangeOf),
    ...(diff && added.length + removed.length > 0
      ? { diff: [{ path: groupId, before: text(before), after: text(after) }] }
      : {}),
    ...(wider.length > 0
      ? { warnings: wider.map((each) => `a wider rule of ${groupId} still opens port ${each.port} to ${each.cidr}`) }
      : {}),
  };
}

function rangeOf({ CidrIpv4, CidrIpv6, ReferencedGroupInfo, PrefixListId }: SecurityGroupRule): string {
  return CidrIpv4 ?? CidrIpv6 ?? ReferencedGroupInfo?.GroupId ?? PrefixListId ?? '';
}

/** Whether a rule opens the port, alone or with others. `-1` means all protocols and ports. */
function reaches(
  { IpProtocol, FromPort = 0, ToPort = 0 }: SecurityGroupRule,
  { proto, port }: Pick<Args, 'proto' | 'port'>,
) {
  return IpProtocol === '-1' || (IpProtocol === proto && FromPort <= port && port <= ToPort);
}

function covers(rule: SecurityGroupRule, { protocol, port, cidr: range }: Permission): boolean {
  return reaches(rule, { proto: protocol, port }) && rangeOf(rule) === range;
}

/** Whether it is just this rule, which can be taken away without closing another port. */
function isRule(rule: SecurityGroupRule, wanted: Permission): boolean {
  return (
    covers(rule, wanted) && rule.FromPort === wanted.port && rule.ToPort === wanted.port && rule.IpProtocol !== '-1'
  );
}

function isWider(rule: SecurityGroupRule, wanted: Permission): boolean {
  return covers(rule, wanted) && !isRule(rule, wanted);
}
