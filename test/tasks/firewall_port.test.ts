import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { canBeLab } from '../../run/lab/requirements.ts';
import firewallPort from '../../tasks/firewall_port.ts';
import { labHost } from '../helpers/lab-host.ts';

/* A real nftables and a real ufw, each alone on the host for a while. */

const test = suite('firewall_port');
const possible = await canBeLab();
const on = labHost(test, 'walled');
const STREET = { port: 50001, cidr_ip: ['203.0.113.0/24', '198.51.100.7'], cidr_ipv6: '2001:db8:51::/48' };
const WALL = `table inet filter {
  chain input {
    type filter hook input priority 0; policy accept;
    ct state established,related accept
    iif lo accept
    tcp dport 22 accept
    drop
  }
}
`;

test(
  'nothing is done where no firewall is active',
  on(async ({ run, shell }) => {
    assert.is((await run(firewallPort, STREET)).firewall, 'none');
    await shell('(apt-get update -q; apt-get install -y -q --no-install-recommends nftables ufw) >/dev/null 2>&1');
    const idle = await run(firewallPort, STREET);
    assert.equal([idle.firewall, idle.changed], ['none', false]);
  }),
);

test(
  'nftables: the port is open now and after a boot, once',
  on(async ({ run, check, shell }) => {
    await shell(`printf 'flush ruleset\\n%s' '${WALL}' >/etc/nftables.conf; nft -f /etc/nftables.conf`);
    const before = await shell('nft list ruleset; cat /etc/nftables.conf');
    const planned = await check(firewallPort, STREET);
    assert.equal([planned.firewall, planned.changed], ['nftables', true]);
    assert.match(JSON.stringify(planned.diff), /ip saddr 203\.0\.113\.0\/24 tcp dport 50001 accept/);
    assert.is(await shell('nft list ruleset; cat /etc/nftables.conf'), before);
    const done = await run(firewallPort, STREET);
    assert.is(done.failed, undefined, String(done.msg));
    const rules = await shell('nft list chain inet filter input');
    for (const from of ['ip saddr 203.0.113.0/24', 'ip saddr 198.51.100.7', 'ip6 saddr 2001:db8:51::/48'])
      assert.ok(rules.indexOf(`${from} tcp dport 50001 accept`) < rules.lastIndexOf('drop'), `${from} in ${rules}`);
    assert.is((await run(firewallPort, STREET)).changed, false);
    assert.is(await shell('nft -f /etc/nftables.conf; nft list chain inet filter input'), rules, 'as after a boot');
    assert.is((await run(firewallPort, { port: 50001 })).changed, true, 'from everywhere is another rule');
    await shell('nft flush ruleset');
  }),
);

test(
  'ufw: a rule for each range, once',
  on(async ({ run, check, shell }) => {
    await shell('ufw allow 22/tcp; ufw --force enable');
    assert.is((await check(firewallPort, STREET)).changed, true);
    const done = await run(firewallPort, STREET);
    assert.equal([done.firewall, done.changed, done.msg], ['ufw', true, undefined]);
    const status = await shell('ufw status');
    for (const from of ['203.0.113.0/24', '198.51.100.7', '2001:db8:51::/48'])
      assert.match(status, new RegExp(`50001/tcp .*ALLOW .*${from}`));
    assert.is((await run(firewallPort, STREET)).changed, false);
    assert.is((await check(firewallPort, STREET)).changed, false);
    await shell('ufw --force disable');
  }),
);

if (possible.ok) test.run();
else console.log(`skipped: ${possible.reason}`);
