import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { TaskResult } from '../../run/task.ts';
import rule from '../../tasks/ec2_security_group_rule.ts';
import { type FakeEc2, type FakeRule, fakeEc2 } from '../helpers/fake-ec2.ts';
import { runStep, withSession } from '../helpers/step.ts';

/* The SDK itself, with its signatures and its XML, against a server on loopback. */

interface Context {
  ec2: FakeEc2;
  run(args: Record<string, unknown>, check?: boolean): Promise<TaskResult>;
}

const test = suite<Context>('ec2_security_group_rule');
const directory = mkdtempSync(join(tmpdir(), 'lamplighter-ec2-'));
const BEFORE: FakeRule[] = [
  { id: 'sgr-a', group: 'sg-cloud', protocol: 'tcp', from: 22, to: 22, cidr: '198.51.100.0/24' },
  { id: 'sgr-b', group: 'sg-cloud', protocol: '-1', from: -1, to: -1, cidr: '10.0.0.0/8' },
  { id: 'sgr-c', group: 'sg-cloud', protocol: '-1', from: -1, to: -1, cidr: '203.0.113.0/24', egress: true },
  { id: 'sgr-d', group: 'sg-other', protocol: 'tcp', from: 50001, to: 50001, cidr: '203.0.113.0/24' },
  { id: 'sgr-e', group: 'sg-cloud', protocol: 'tcp', from: 50001, to: 50001, cidr: '192.0.2.0/24' },
];
const STREET = { group_id: 'sg-cloud', port: 50001, cidr_ip: ['203.0.113.7/24'], cidr_ipv6: '2001:db8:51::1/48' };

test.before(() => {
  writeFileSync(join(directory, 'config'), '[profile street]\nregion = eu-west-1\n');
  writeFileSync(
    join(directory, 'credentials'),
    '[street]\naws_access_key_id = AKIDSTREET\naws_secret_access_key = hush\n',
  );
  Object.assign(process.env, {
    AWS_CONFIG_FILE: join(directory, 'config'),
    AWS_SHARED_CREDENTIALS_FILE: join(directory, 'credentials'),
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ACCESS_KEY_ID: 'AKIDCHAIN',
    AWS_SECRET_ACCESS_KEY: 'hush',
  });
});
test.after(() => rmSync(directory, { recursive: true }));

test.before.each(async (context) => {
  const ec2 = await fakeEc2(BEFORE.map((each) => ({ ...each })));
  context.ec2 = ec2;
  context.run = (args, check = false) =>
    withSession(async (bench) => {
      const given = { region: 'eu-central-1', endpoint_url: ec2.url, ...args };
      return (await runStep(rule, given, { bench, check, diff: true })).result;
    });
});
test.after.each(({ ec2 }) => ec2.close());

/** Code, message and hint of the failure. */
async function refusal(result: Promise<TaskResult>): Promise<{ code?: string; message: string; hint?: string }> {
  try {
    await result;
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was refused');
}

test('both families are opened, and a second run has nothing to do', async ({ ec2, run }) => {
  const shown = await run(STREET, true);
  assert.is(shown.changed, true);
  assert.is(ec2.rules.length, BEFORE.length, 'a dry run');
  const done = await run(STREET);
  assert.equal(done.added, ['203.0.113.0/24', '2001:db8:51::/48']);
  assert.equal(done.diff, shown.diff);
  assert.equal(done.diff, [
    {
      path: 'sg-cloud',
      before: 'tcp 50001 from 10.0.0.0/8\ntcp 50001 from 192.0.2.0/24\n',
      after:
        'tcp 50001 from 10.0.0.0/8\ntcp 50001 from 192.0.2.0/24\ntcp 50001 from 2001:db8:51::/48\ntcp 50001 from 203.0.113.0/24\n',
    },
  ]);
  assert.equal(
    ec2.rules.slice(BEFORE.length).map(({ group, protocol, from, to, cidr }) => [group, protocol, from, to, cidr]),
    [
      ['sg-cloud', 'tcp', 50001, 50001, '203.0.113.0/24'],
      ['sg-cloud', 'tcp', 50001, 50001, '2001:db8:51::/48'],
    ],
  );
  assert.is((await run(STREET)).changed, false, 'also what stands on a later page is found');
});

test('a rule for all ports of the range is enough', async ({ run }) => {
  assert.is((await run({ group_id: 'sg-cloud', port: 50001, cidr_ip: '10.0.0.0/8' })).changed, false);
});

test('the group is found by id, name or instance, and signed for by the default chain or a profile', async ({
  ec2,
  run,
}) => {
  const port = { port: 50001, cidr_ip: '192.0.2.0/24' };
  for (const way of [{ group_id: 'sg-cloud' }, { group_name: 'cloud' }, { instance_id: 'i-cloud' }])
    assert.is((await run({ ...port, ...way })).group_id, 'sg-cloud');
  assert.match(
    String(ec2.seen.at(-1)!.headers.authorization),
    /Credential=AKIDCHAIN\/\d+\/eu-central-1\/ec2\/aws4_request/,
  );
  assert.is((await run({ ...port, name: 'twin', vpc_id: 'vpc-2', state: 'absent' })).group_id, 'sg-twin2');
  const key = process.env.AWS_ACCESS_KEY_ID;
  delete process.env.AWS_ACCESS_KEY_ID;
  try {
    await run({ ...port, group_id: 'sg-cloud', profile: 'street', region: undefined });
    assert.match(String(ec2.seen.at(-1)!.headers.authorization), /Credential=AKIDSTREET\/\d+\/eu-west-1\//);
    const none = await refusal(run({ ...port, group_id: 'sg-cloud' }));
    assert.match(String(none.hint), /AWS_ACCESS_KEY_ID/);
  } finally {
    process.env.AWS_ACCESS_KEY_ID = key!;
  }
});

test('a group that is not there, or not one', async ({ run }) => {
  const port = { port: 50001, cidr_ip: '192.0.2.0/24' };
  assert.match((await refusal(run({ ...port, group_name: 'clod' }))).message, /knows no security group named "clod"/);
  const twins = await refusal(run({ ...port, group_name: 'twin' }));
  assert.match(twins.message, /sg-twin1 \(vpc-1\), sg-twin2 \(vpc-2\)/);
  assert.match(String(twins.hint), /vpc_id/);
  assert.match((await refusal(run({ ...port, instance_id: 'i-none' }))).message, /InvalidInstanceID.NotFound/);
});

test('absent closes just this port; a wider rule is named, not touched', async ({ ec2, run }) => {
  const closed = await run({
    group_id: 'sg-cloud',
    port: 50001,
    cidr_ip: ['192.0.2.0/24', '10.0.0.0/8'],
    state: 'absent',
  });
  assert.equal(closed.removed, ['192.0.2.0/24']);
  assert.match(String(closed.warnings), /wider rule of sg-cloud still opens port 50001 to 10\.0\.0\.0\/8/);
  assert.equal(
    ec2.rules.map(({ id }) => id),
    ['sgr-a', 'sgr-b', 'sgr-c', 'sgr-d'],
  );
});

test('the diff of closing keeps a range that a wider rule leaves open', async ({ ec2, run }) => {
  ec2.rules.push({ id: 'sgr-f', group: 'sg-cloud', protocol: 'tcp', from: 50001, to: 50001, cidr: '10.0.0.0/8' });
  const closed = await run({ group_id: 'sg-cloud', port: 50001, cidr_ip: '10.0.0.0/8', state: 'absent' });
  assert.equal(closed.removed, ['10.0.0.0/8']);
  assert.match(String((closed.diff as { after: string }[])[0]?.after), /^tcp 50001 from 10\.0\.0\.0\/8$/m);
});

test('everybody is refused where anonymous clients are admitted, in both families', async ({ ec2, run }) => {
  for (const from of [{ cidr_ip: '0.0.0.0/0' }, { cidr_ipv6: '::/0' }, { cidr_ip: '203.0.113.9/0' }]) {
    const refused = await refusal(run({ group_id: 'sg-cloud', port: 50001, ...from }));
    assert.match(refused.message, /is everybody/);
  }
  assert.equal(ec2.actions(), []);
  const open = { group_id: 'sg-cloud', port: 50001, cidr_ip: '0.0.0.0/0' };
  assert.is((await run({ ...open, allow_anonymous: false })).changed, true);
  assert.is((await run({ ...open, state: 'absent' })).changed, true, 'closing is never refused');
  assert.is((await run({ ...open, allow_anonymous_from_anywhere: true })).changed, true);
});

test('arguments that cannot be meant', async ({ run }) => {
  assert.match((await refusal(run({ port: 1, cidr_ip: '10.0.0.0/8' }))).message, /exactly one of group_id/);
  assert.match((await refusal(run({ group_id: 'sg-cloud', port: 1 }))).message, /from where/);
  for (const cidr_ip of ['lamps', '2001:db8::/32', '10.0.0.0/33'])
    assert.match((await refusal(run({ group_id: 'sg-cloud', port: 1, cidr_ip }))).message, /IPv4/);
});

test("AWS's own refusals say which permission is missing; what somebody else did first is no failure", async ({
  ec2,
  run,
}) => {
  ec2.trouble.set('AuthorizeSecurityGroupIngress', {
    code: 'UnauthorizedOperation',
    message: 'You are not authorized',
  });
  const refused = await refusal(run(STREET));
  assert.is(refused.code, 'MODULE_FAILED');
  assert.match(String(refused.hint), /ec2:AuthorizeSecurityGroupIngress/);
  ec2.trouble.set('AuthorizeSecurityGroupIngress', { code: 'InvalidPermission.Duplicate', message: 'already exists' });
  assert.is((await run(STREET)).changed, true);
});

test('no answer is waited for only so long', async ({ ec2, run }) => {
  ec2.trouble.set('DescribeSecurityGroupRules', { silentFor: 60_000 });
  const late = await refusal(run({ ...STREET, timeout: 1 }));
  assert.is(late.code, 'TIMEOUT');
  assert.match(late.message, /ec2:DescribeSecurityGroupRules within 1 s/);
});

test.run();
