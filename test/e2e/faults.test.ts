import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { stringify } from 'yaml';
import type { Lab } from '../../run/lab/lab.ts';
import { canBeLab } from '../../run/lab/requirements.ts';
import { run, scratchLab } from '../lab/scratch-lab.ts';
import { CLOUD_FAULTS, DUPLICATE, KEEP, LAMP_FAULTS, MEND, type Place } from './faults.ts';

/** One lamp for each fault of a lamp, and two that stay well: one for the faults of the cloud, one that is doubled. */
const DOUBLED = 'lamp01';
const WELL = 'lamp02';
const LAMPS = LAMP_FAULTS.map((_, i) => `lamp${String(i + 3).padStart(2, '0')}`);

interface Result {
  failed?: boolean;
  msg?: string;
  leg?: string;
  cause?: string;
}

const Faults = suite('planted faults on lab hosts');
const able = await canBeLab();
const test = able.ok ? Faults : Faults.skip;
if (!able.ok) console.log(`skipped: planted faults: ${able.reason}`);

const dir = mkdtempSync(join(tmpdir(), 'faults-'));
const inventory = join(dir, 'inventory.yaml');
let lab: Lab;

async function playbook(
  name: string,
  ...more: string[]
): Promise<{ code: number | null; results: Map<string, Result> }> {
  const words = ['--import', 'tsx', 'run/index.ts', `playbooks/${name}.yaml`, '-i', inventory, '--json', ...more];
  const { code, stdout, stderr } = await run(process.execPath, words);
  const results = new Map<string, Result>();
  for (const line of stdout.split('\n').filter((text) => text.startsWith('{'))) {
    const event = JSON.parse(line);
    if (event.event === 'task' && event.module.endsWith('mqtt_bridge_verify')) results.set(event.host, event.result);
  }
  assert.ok(stdout.includes('"event":"recap"'), stderr);
  return { code, results };
}

async function placeOf(lamp: string): Promise<Place> {
  const [id, neighbourId, cloudAddress] = [lab.deviceId(lamp), lab.deviceId(DOUBLED), lab.address('cloud')];
  return { id: await id, neighbourId: await neighbourId, cloudAddress: await cloudAddress };
}

function assertNamed(result: Result | undefined, fault: { leg?: string; cause: string }, says: string[]): void {
  assert.is(result?.failed, true, JSON.stringify(result));
  assert.is(result?.cause, fault.cause, result?.msg);
  if (fault.leg !== undefined) assert.is(result?.leg, fault.leg, result?.msg);
  for (const word of says) assert.ok(result?.msg?.includes(word), `${word}: ${result?.msg}`);
}

test('site.yaml sets the hosts up and proves every bridge', async () => {
  lab = await scratchLab('faults');
  const hosts = ['cloud', DOUBLED, WELL, ...LAMPS];
  await lab.up(hosts);
  writeFileSync(inventory, stringify(await lab.inventory()));
  const { code, results } = await playbook('site');
  assert.is(code, 0, JSON.stringify([...results]));
  assert.equal([...results.keys()].sort(), hosts.slice(1).sort());
  for (const result of results.values()) assert.not.ok(result.failed, result.msg);
  await lab.run('cloud', 'apt-get install -y --no-install-recommends nftables');
  await Promise.all(hosts.map((host) => lab.run(host, KEEP)));
});

test('each fault of a lamp is found and named, and no other lamp suffers', async () => {
  for (const [i, fault] of LAMP_FAULTS.entries()) await lab.run(LAMPS[i]!, fault.plant(await placeOf(LAMPS[i]!)));
  const { code, results } = await playbook('verify');
  assert.is(code, 2);
  for (const [i, fault] of LAMP_FAULTS.entries())
    assertNamed(results.get(LAMPS[i]!), fault, fault.says(await placeOf(LAMPS[i]!)));
  assertNamed(results.get(DOUBLED), DUPLICATE, DUPLICATE.says(await placeOf(DOUBLED)));
  assert.not.ok(results.get(WELL)?.failed, results.get(WELL)?.msg);
  await Promise.all(LAMPS.map((lamp) => lab.run(lamp, MEND)));
});

for (const fault of CLOUD_FAULTS)
  test(`${fault.name} is found and named`, async () => {
    const place = await placeOf(WELL);
    await lab.run('cloud', fault.plant(place));
    const { code, results } = await playbook('verify', '--limit', WELL);
    await lab.run('cloud', MEND);
    assert.is(code, 2);
    assertNamed(results.get(WELL), fault, fault.says(place));
  });

test('site.yaml ends a stale process on 1883 by a reboot', async () => {
  const stale = LAMP_FAULTS.find((fault) => fault.cause === 'stale-process')!;
  const bootId = 'cat /proc/sys/kernel/random/boot_id';
  const before = (await lab.run(WELL, bootId)).stdout;
  await lab.run(WELL, stale.plant(await placeOf(WELL)));
  const { code, results } = await playbook('site', '--limit', WELL);
  assert.is(code, 0, results.get(WELL)?.msg);
  assert.is.not((await lab.run(WELL, bootId)).stdout, before);
});

Faults.after(async () => {
  await lab?.down();
  rmSync(dir, { recursive: true, force: true });
});

Faults.run();
