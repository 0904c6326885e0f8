import { LamplighterError } from '../../errors.ts';
import { lines, type Sh, sh } from '../../shell/script.ts';
import type { ActionHost, Diff, TaskResult } from '../../task.ts';
import { type Backend, type Found, foundIn, has, hostFunctions } from './found.ts';
import { INTERFACES, ifupdownFiles } from './ifupdown.ts';
import { netplanFiles } from './netplan.ts';
import { networkdFiles } from './networkd.ts';
import { networkManagerFiles, uuidIn } from './networkmanager.ts';
import { families, familyOf, type StaticAddress, sameAddress, type Wanted } from './request.ts';
import { nameServersFile, RESOLV_CONF } from './resolv-conf.ts';
import { type Trial, trial } from './trial.ts';

export interface ChangeRequest extends Omit<StaticAddress, 'interface'> {
  interface?: string | undefined;
  backend?: Backend | undefined;
  /** Seconds until the host goes back by itself. */
  timeout: number;
  connect_to?: string | undefined;
}

/** Asks, compares, and changes what differs, on trial until the host is reached at its new address. */
export async function changeAddress(args: ChangeRequest, host: ActionHost): Promise<TaskResult> {
  const bare = args.address.map((each) => each.split('/')[0]!);
  const reply = await host.run(
    lines(
      hostFunctions(),
      sh`m_interface=${args.interface ?? ''} m_backend=${args.backend ?? ''}
a_probe ${bare}`,
    ),
  );
  if (reply.status === 'unknown') return { unknown: reply.fields.msg ?? '' };
  if (reply.status === 'failed')
    throw new LamplighterError(
      'MODULE_FAILED',
      reply.fields.msg ?? (reply.stderr.trim() || 'cannot look at the network'),
    );
  const found = foundIn(reply.fields);
  const request: StaticAddress = { ...args, interface: found.interface };
  const wanted = wantedFiles(found, request);
  const changes = wanted.filter(({ path, text }) => found.files.get(path) !== text);
  const facts = { interface: found.interface, backend: found.backend, files: wanted.map(({ path }) => path) };
  const result: TaskResult = { ...facts, changed: false, warnings: warnings(found, request) };
  if (host.diff) result.diff = changes.map((each) => diffOf(found, each));
  const isLive = request.address.every((address) => has(found, address)) && hasGateways(found, request);
  if (changes.length === 0 && isLive) return result;
  result.changed = true;
  if (host.check) {
    await host.run(writeStep(changes));
    return result;
  }
  const reach = await whereTo(args, found, host);
  const move: Trial = {
    found,
    request,
    // The first is the one that ifdown reads.
    files: wanted,
    write: writeStep(changes),
    reach,
    timeout: args.timeout,
    uuids: uuidsOf(found, wanted),
  };
  const outcome = await trial(move, host);
  if (outcome !== undefined) return { ...result, failed: true, changed: false, msg: outcome };
  const before = host.variable('ansible_host');
  if (reach !== undefined && reach !== before) result.ansible_facts = { ansible_host: reach };
  return result;
}

/** The files as they should be, the backend's main file first. */
function wantedFiles(found: Found, request: StaticAddress): Wanted[] {
  const { files, current } = found;
  switch (found.backend) {
    case 'netplan':
      return netplanFiles(files, request);
    case 'networkd':
      return networkdFiles(files, request, current);
    case 'networkmanager':
      return networkManagerFiles(files, request, current);
    case 'ifupdown': {
      const own = new Map([...files].filter(([path]) => path.startsWith(INTERFACES)));
      const resolver = files.get(RESOLV_CONF);
      const written = ifupdownFiles(own, request).sort((one) => (one.path === INTERFACES ? -1 : 0));
      return resolver === undefined ? written : [...written, ...nameServersFile(resolver, request.dns)];
    }
  }
}

function writeStep(changes: readonly Wanted[]): Sh {
  return lines(
    ...changes.map(
      ({ path, text, mode }) => sh`
ll_temp; printf '%s' ${text} >"$ll_tmp"
ll_stat ${path}; m_mode=; [ "$ll_kind" != absent ] || m_mode=${mode}
ll_write "$ll_tmp" ${path} "$m_mode"`,
    ),
    sh`ll_changed`,
  );
}

function diffOf(found: Found, { path, text }: Wanted): Diff {
  return { path, before: withoutSecrets(found.files.get(path) ?? ''), after: withoutSecrets(text) };
}

/**
 * Pass phrases of wireless networks stand in the same files: `password: …` (netplan, in braces too), `psk=…` (NetworkManager),
 * `wpa-psk …` (ifupdown). The rest of such a line is masked.
 */
export function withoutSecrets(text: string): string {
  return text.replace(
    /((?:password|passphrase|psk|secret|(?:wep|wireless|private|preshared|shared)-?key\d*|private)["']?(?:[ \t]*[:=][ \t]*|[ \t]+))\S.*$/gim,
    '$1********',
  );
}

function warnings(found: Found, request: StaticAddress): string[] {
  const said: string[] = [];
  for (const family of families(request)) {
    const leads = found.routes.some(
      (line) =>
        line.includes(` dev ${found.interface} `) && line.includes(' via ') && familyOf(line.split(' ')[2]!) === family,
    );
    if (leads && !request.gateway.some((each) => familyOf(each) === family))
      said.push(
        `${found.interface} is the way out for IPv${family} now and gets no gateway: the host will not reach other networks by it`,
      );
  }
  return said;
}

function hasGateways(found: Found, request: StaticAddress): boolean {
  return request.gateway.every((gateway) =>
    found.routes.some((line) => {
      const via = / via (\S+)/.exec(line)?.[1];
      return via !== undefined && sameAddress(via, gateway) && `${line} `.includes(` dev ${found.interface} `);
    }),
  );
}

/**
 * The address at which the runner looks for the host: the new one of the same family when it reaches it by the interface that
 * changes; undefined when that stays what it is (another interface, an address that a router translates).
 */
async function whereTo(args: ChangeRequest, found: Found, host: ActionHost): Promise<string | undefined> {
  if (args.connect_to !== undefined) return args.connect_to;
  if (host.variable('ansible_connection') === 'local') return undefined;
  const now = await resolved(await host.address());
  const isHere = found.live.some((line) => {
    const [device, own = ''] = line.split(' ');
    return device === found.interface && now !== undefined && sameAddress(own.split('/')[0]!, now);
  });
  if (!isHere) return undefined;
  const next = args.address.map((each) => each.split('/')[0]!).find((each) => familyOf(each) === familyOf(now!));
  return next === now ? undefined : next;
}

async function resolved(address: string): Promise<string | undefined> {
  const { lookup } = await import('node:dns/promises');
  return lookup(address).then(
    (found) => found.address,
    () => undefined,
  );
}

function uuidsOf(found: Found, wanted: Wanted[]): { now: string; before: string } {
  if (found.backend !== 'networkmanager') return { now: '', before: '' };
  const before = found.current === undefined ? undefined : found.files.get(found.current);
  return { now: uuidIn(wanted[0]!.text) ?? '', before: (before && uuidIn(before)) ?? '' };
}
