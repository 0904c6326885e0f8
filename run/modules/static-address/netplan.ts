import { type Document, isMap, isSeq, parseDocument, type YAMLMap } from 'yaml';
import { LamplighterError } from '../../errors.ts';
import { canonical, type Files, families, familyOf, type StaticAddress, type Wanted } from './request.ts';

const KINDS = ['ethernets', 'wifis', 'bonds', 'bridges', 'vlans'] as const;
const CLOUD = '/etc/cloud/cloud.cfg.d';
/** cloud-init writes its network file anew for a new instance. Source: cloud-init, "Disabling network configuration". */
const CLOUD_OFF = `${CLOUD}/99-disable-network-config.cfg`;

interface Definition {
  path: string;
  document: Document;
  map: YAMLMap;
}

/**
 * The netplan files: the last one that defines the interface gets the addresses, others that define it lose theirs, since
 * netplan adds lists of several files up. Everything else stays, comments too. Source: netplan(5).
 * @throws LamplighterError MODULE_FAILED for a file that is not YAML
 */
export function netplanFiles(files: Files, request: StaticAddress): Wanted[] {
  const found = definitions(files, request.interface);
  const target = found.at(-1) ?? newDefinition(request.interface, files);
  for (const each of found) clear(each, request);
  fill(target, request);
  for (const { map } of found) prune(map);
  const all = found.length > 0 ? found : [target];
  const wanted = all.map(({ path, document }) => ({ path, text: document.toString({ lineWidth: 0 }), mode: '0600' }));
  const isCloud = all.some(({ path }) => /cloud-init/.test(path));
  if (isCloud && files.has(CLOUD))
    wanted.push({ path: CLOUD_OFF, text: 'network: {config: disabled}\n', mode: '0644' });
  return wanted;
}

function definitions(files: Files, name: string): Definition[] {
  const paths = [...files.keys()].filter((path) => path.endsWith('.yaml')).sort();
  return paths.flatMap((path) => {
    const document = parseDocument(files.get(path)!);
    if (document.errors.length > 0)
      throw new LamplighterError('MODULE_FAILED', `${path} on the host is not YAML: ${document.errors[0]!.message}`);
    return KINDS.flatMap((kind) => {
      const group = document.getIn(['network', kind]);
      if (!isMap(group)) return [];
      return group.items.flatMap(({ key, value }) => {
        if (!isMap(value)) return [];
        const isIt = String(key) === name || value.get('set-name') === name || value.getIn(['match', 'name']) === name;
        return isIt ? [{ path, document, map: value }] : [];
      });
    });
  });
}

function newDefinition(name: string, files: Files): Definition {
  const path = `/etc/netplan/60-${name}.yaml`;
  const document = parseDocument(files.get(path) ?? 'network:\n  version: 2\n');
  document.setIn(['network', 'ethernets', name], document.createNode({}));
  return { path, document, map: document.getIn(['network', 'ethernets', name]) as YAMLMap };
}

/** Without what it says about the families that are set. */
function clear({ document, map }: Definition, request: StaticAddress): void {
  const replaced = families(request);
  const isReplaced = (address: unknown) => typeof address === 'string' && replaced.includes(familyOf(address));
  for (const family of replaced) {
    if (map.has(`dhcp${family}`)) map.set(`dhcp${family}`, false);
    map.delete(`gateway${family}`);
  }
  filter(
    map,
    'addresses',
    (item) => !isReplaced(isMap(item) ? String(item.items[0]?.key ?? '') : plain(item, document)),
  );
  filter(map, 'routes', (item) => {
    if (!isMap(item)) return true;
    const to = String(item.get('to'));
    const isDefault = to === 'default' || to === '0.0.0.0/0' || to === '::/0' || to === '0/0';
    return !(isDefault && isReplaced(item.get('via')));
  });
  const servers = map.get('nameservers');
  const list = isMap(servers) ? servers.get('addresses') : undefined;
  if (request.dns.length > 0 && isSeq(list)) list.items = [];
}

function fill({ document, map }: Definition, request: StaticAddress): void {
  for (const family of families(request)) if (family === 4 || map.has('dhcp6')) map.set(`dhcp${family}`, false);
  append(document, map, 'addresses', request.address.map(canonical));
  append(
    document,
    map,
    'routes',
    request.gateway.map((via) => ({ to: 'default', via })),
  );
  if (request.dns.length === 0) return;
  const servers = map.get('nameservers');
  if (isMap(servers)) servers.set('addresses', document.createNode([...request.dns]));
  else map.set('nameservers', document.createNode({ addresses: [...request.dns] }));
}

function append(document: Document, map: YAMLMap, key: string, values: unknown[]): void {
  if (values.length === 0) return;
  const list = map.get(key);
  if (isSeq(list)) for (const value of values) list.add(document.createNode(value));
  else map.set(key, document.createNode(values));
}

function filter(map: YAMLMap, key: string, keep: (item: unknown) => boolean): void {
  const list = map.get(key);
  if (!isSeq(list)) return;
  list.items = list.items.filter(keep);
}

/** Lists that nothing is left of; they stood until now so that what took their place stands there. */
function prune(map: YAMLMap): void {
  const isEmpty = (key: string, of = map) => {
    const list = of.get(key);
    return isSeq(list) && list.items.length === 0;
  };
  for (const key of ['addresses', 'routes']) if (isEmpty(key)) map.delete(key);
  const servers = map.get('nameservers');
  if (!isMap(servers)) return;
  if (isEmpty('addresses', servers)) servers.delete('addresses');
  if (servers.items.length === 0) map.delete('nameservers');
}

function plain(item: unknown, document: Document): unknown {
  return (item as { toJS?: (document: Document) => unknown }).toJS?.(document);
}
