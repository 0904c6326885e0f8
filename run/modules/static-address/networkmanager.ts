import { createHash } from 'node:crypto';
import { IniText } from './ini-text.ts';
import { type Files, families, ofFamily, type StaticAddress, type Wanted } from './request.ts';

const OWN = '/etc/NetworkManager/system-connections';

/**
 * The keyfile of the interface's connection; a new one where NetworkManager made the connection up itself.
 * Source: nm-settings-keyfile(5).
 * @param current the file of the connection that is up on the interface
 */
export function networkManagerFiles(files: Files, request: StaticAddress, current: string | undefined): Wanted[] {
  const name = request.interface;
  const isOwn = current?.startsWith(`${OWN}/`) === true;
  const path = isOwn ? current : `${OWN}/${name}.nmconnection`;
  const ini = new IniText(files.get(path) ?? newConnection(request));
  for (const family of families(request)) {
    const section = `ipv${family}`;
    const gateway = ofFamily(request.gateway, family)[0];
    const addresses = ofFamily(request.address, family);
    const isOver = (key: string) => Number(/^address(\d+)$/.exec(key)?.[1] ?? 0) > addresses.length;
    const isOld = (key: string) => isOver(key) || /^(address|addresses|gateway)$/.test(key);
    ini.drop(section, (key, value) => isOld(key) || isDefaultRoute(key, value));
    ini.set(section, 'method', 'manual');
    addresses.forEach((address, i) => {
      ini.set(section, `address${i + 1}`, i === 0 && gateway !== undefined ? `${address},${gateway}` : address);
    });
    const dns = ofFamily(request.dns, family);
    if (dns.length > 0) ini.set(section, 'dns', `${dns.join(';')};`);
  }
  return [{ path, text: ini.toString(), mode: '0600' }];
}

function isDefaultRoute(key: string, value: string): boolean {
  return /^route\d+$/.test(key) && /^(0\.0\.0\.0|::)\/0[,;]/.test(value);
}

/** The uuid follows from the interface, so that a second run writes the same. */
function newConnection(request: StaticAddress): string {
  const name = request.interface;
  const hash = createHash('sha256').update(`lamplighter static address ${name}`).digest('hex');
  const uuid = `${hash.slice(0, 8)}-${hash.slice(8, 12)}-4${hash.slice(13, 16)}-a${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
  const others = ([4, 6] as const).filter((family) => !families(request).includes(family));
  return [
    `[connection]\nid=${name}\nuuid=${uuid}\ntype=ethernet\ninterface-name=${name}\nautoconnect-priority=10\n`,
    ...others.map((family) => `[ipv${family}]\nmethod=auto\n`),
  ].join('\n');
}

/** The uuid that a keyfile gives its connection. */
export function uuidIn(text: string): string | undefined {
  return new IniText(text).values('connection', 'uuid')[0];
}
