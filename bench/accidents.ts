import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Lab } from '../run/lab/lab.ts';
import type { Benchmark, Row } from './lib/benchmark.ts';
import { withDirectory } from './lib/directory.ts';
import { withLab } from './lib/lab.ts';
import { program } from './lib/process.ts';
import { LAMPLIGHTER } from './lib/tools.ts';

/*
 * Changes of a running broker on a lab host that are cut short at random moments: by SIGKILL of the runner, by the loss of
 * its connection, or by SIGKILL of the host's own shell. Each time the broker has to run, on the old configuration or the
 * new one ("mixed": on the old one, with the new one on disk), and the next run has to get it where it should be. And what a
 * change, a refused one and one that fails costs a client in seconds.
 */

const PORTS = [1883, 2883] as const;
const HOST = 'broker';
/** About what trial, swap, restart and wait take together on the host. */
const LONGEST_STEP_MS = 2000;

export default {
  title: 'A running broker, changed with accidents',
  run: ({ rounds, full, tell }) =>
    withDirectory((directory) =>
      withLab('accidents', async (lab) => {
        const site = await setUp(lab, directory);
        const iterations = full ? 50 : rounds;
        const rows: Row[] = [];
        for (const accident of ['runner killed', 'connection cut', 'shell killed'] as const)
          rows.push(await accidents(site, accident, iterations, tell));
        for (const change of ['valid', 'refused', 'port taken'] as const) rows.push(await outage(site, change, tell));
        return rows;
      }),
    ),
} satisfies Benchmark;

interface Site {
  lab: Lab;
  /** Starts the change to a listener on this port beside the one on 1884, which the checks use. */
  change(port: number, more?: object): ReturnType<typeof program>;
  on(script: string): Promise<string>;
}

async function setUp(lab: Lab, directory: string): Promise<Site> {
  await lab.up([HOST]);
  await book(directory, 'install', [{ apt: { name: ['mosquitto', 'mosquitto-clients'], update_cache: true } }]);
  const listeners = '{{ [{"port": 1884}, {"port": port | int}] + more | default([]) }}';
  await book(directory, 'change', [{ mosquitto_broker: { listeners, allow_anonymous: true, timeout: 5 } }]);
  const start = (name: string, values: object) => {
    const words = ['-i', lab.paths.inventory, join(directory, `${name}.yaml`), '-e', JSON.stringify(values)];
    return program([...LAMPLIGHTER, ...words]);
  };
  const site: Site = {
    lab,
    change: (port, more = {}) => start('change', { port, ...more }),
    on: async (script) => (await lab.run(HOST, script)).stdout.trim(),
  };
  for (const run of [() => start('install', {}), () => site.change(PORTS[0])]) {
    const { exitCode, stdout } = await run();
    if (exitCode !== 0) throw new Error(String(stdout));
  }
  return site;
}

async function book(directory: string, name: string, tasks: object[]): Promise<void> {
  await writeFile(
    join(directory, `${name}.yaml`),
    stringify([{ hosts: 'all', become: true, gather_facts: false, tasks }]),
  );
}

async function accidents(
  site: Site,
  accident: 'runner killed' | 'connection cut' | 'shell killed',
  iterations: number,
  tell: (message: string) => void,
): Promise<Row> {
  await changed(site, PORTS[0]);
  const counts = { cut: 0, old: 0, new: 0, 'not running': 0, mixed: 0, 'not mended': 0 };
  for (let i = 0; i < iterations; i++) {
    const [from, to] = i % 2 === 0 ? PORTS : [PORTS[1], PORTS[0]];
    const run = site.change(to);
    const moment = Math.random() * LONGEST_STEP_MS;
    if (accident === 'runner killed') {
      await Promise.race([site.on(connectedFor(moment)), run]);
      run.kill('SIGKILL');
    } else await site.on(`${connectedFor(moment)}; pkill -KILL ${accident === 'connection cut' ? LOGIN : SHELL}; true`);
    const { exitCode } = await run;
    if (exitCode !== 0) counts.cut++;
    await site.on('i=0; while [ -d /run/lamplighter/lock ] && [ $i -lt 100 ]; do sleep 0.1; i=$((i+1)); done');
    const state = await stateOf(site);
    if (!state.answers) counts['not running']++;
    if (state.disk === from && state.open === from) counts.old++;
    else if (state.disk === to && state.open === to) counts.new++;
    else counts.mixed++;
    const mended = await site.change(to);
    const after = await stateOf(site);
    if (mended.exitCode !== 0 || !after.answers || after.disk !== to || after.open !== to) counts['not mended']++;
    tell(`${accident} ${i + 1}/${iterations} after ${Math.round(moment)} ms: ${JSON.stringify(state)}`);
  }
  return { work: accident, tool: `${iterations} times`, values: counts, ratios: {} };
}

/** The shell that carries the step out, and its subshells: the host stops in the middle of it. */
const SHELL = "-f '^sh$'";
const LOGIN = "-f '[s]shd: .*@notty'";

/** Waits until the runner is logged in, and so many milliseconds more. */
function connectedFor(moment: number): string {
  return `i=0; until pgrep ${LOGIN} >/dev/null || [ $i -gt 500 ]; do sleep 0.02; i=$((i+1)); done
    sleep ${(moment / 1000).toFixed(2)}`;
}

async function changed(site: Site, port: number): Promise<void> {
  const { exitCode, stdout } = await site.change(port);
  if (exitCode !== 0) throw new Error(String(stdout));
}

/** Whether the broker answers, the port that its files name and the one that it has open. */
async function stateOf(site: Site): Promise<{ answers: boolean; disk: number; open: number }> {
  const text = await site.on(`
    mosquitto_pub -p 1884 -t a -m b && echo answers
    sed -n 's/^listener \\([12]883\\)$/disk \\1/p' /etc/mosquitto/conf.d/port.conf
    ss -ltnH | sed -n 's/.*0.0.0.0:\\([12]883\\) .*/open \\1/p'
    systemctl is-active mosquitto`);
  const number = (word: string) => Number(new RegExp(`^${word} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
  return {
    answers: /^answers$/m.test(text) && /^active$/m.test(text),
    disk: number('disk'),
    open: number('open'),
  };
}

const CHANGES = {
  valid: {},
  refused: { more: [{ port: 8883, certfile: '/nowhere.crt', keyfile: '/nowhere.key' }] },
  // The trial runs on spare ports, so only the start itself can find that another process holds this one.
  'port taken': { more: [{ port: 7777 }] },
};

/** The longest that a client heard nothing of a message every 20 ms while the broker was changed. */
async function outage(site: Site, change: keyof typeof CHANGES, tell: (message: string) => void): Promise<Row> {
  await changed(site, PORTS[0]);
  await site.on('ss -ltnH | grep -q :7777 || mosquitto -d -p 7777');
  const before = await site.on('cat /etc/mosquitto/conf.d/*.conf | sha256sum');
  await site.on(`
    setsid sh -c 'while :; do mosquitto_pub -p 1884 -t tick -m . 2>/dev/null; sleep 0.02; done' >/dev/null 2>&1 </dev/null &
    echo $! >/tmp/ticking
    setsid sh -c 'while :; do mosquitto_sub -p 1884 -t tick -F %U 2>/dev/null; sleep 0.02; done' >/tmp/heard 2>&1 </dev/null &
    echo $! >>/tmp/ticking; sleep 1`);
  const { exitCode } = await site.change(PORTS[1], CHANGES[change]);
  await site.on('sleep 1; for pid in $(cat /tmp/ticking); do kill -- -$pid; done');
  const gap = await site.on(
    'awk \'last && $1 - last > gap { gap = $1 - last } { last = $1 } END { printf "%.2f", gap }\' /tmp/heard',
  );
  const same = (await site.on('cat /etc/mosquitto/conf.d/*.conf | sha256sum')) === before;
  tell(`${change}: exit ${exitCode}, ${gap} s`);
  return {
    work: `change: ${change}`,
    tool: '',
    values: { 'exit code': exitCode ?? -1, 'seconds of silence': Number(gap), 'files as before': same ? 1 : 0 },
    ratios: {},
  };
}
