import { basename } from 'node:path';
import { IniText } from './ini-text.ts';
import { type Files, families, familyOf, type StaticAddress, type Wanted } from './request.ts';

const OWN = '/etc/systemd/network';

/**
 * The .network file of the interface. One that matches other interfaces too, or that belongs to the distribution, stays; a
 * file of the interface's own, before it in order, says the rest of what it said. Source: systemd.network(5).
 * @param current the file that systemd-networkd uses for the interface now, if it uses one
 */
export function networkdFiles(files: Files, request: StaticAddress, current: string | undefined): Wanted[] {
  const name = request.interface;
  const text = current === undefined ? undefined : files.get(current);
  const isOwn = current?.startsWith(`${OWN}/`) === true && matchesOnly(text ?? '', name);
  const path = isOwn ? current : `${OWN}/${fileName(name, current)}`;
  const ini = new IniText(text ?? '');
  if (!isOwn) {
    ini.dropSections('Match', () => true);
    ini.sections.splice(1, 0, { name: 'Match', lines: [`Name=${name}`, ''] });
  }
  const replaced = families(request);
  const isIts = (value: string) => !value.startsWith('_') && replaced.includes(familyOf(value));
  ini.dropSections('Address', (values) => values('Address').some(isIts));
  ini.dropSections('Route', (values) => isDefaultRoute(values) && values('Gateway').some(isIts));
  setDhcp(ini, request);
  const others = (key: string) => ini.values('Network', key).filter((value) => value !== '' && !isIts(value));
  ini.set('Network', 'Address', ...others('Address'), ...request.address);
  ini.set('Network', 'Gateway', ...others('Gateway'), ...request.gateway);
  if (request.dns.length > 0) ini.set('Network', 'DNS', ...request.dns);
  return [{ path, text: ini.toString(), mode: '0644' }];
}

function matchesOnly(text: string, name: string): boolean {
  const match = new IniText(text).values('Match', 'Name').join(' ').trim();
  return match === name;
}

/** The first file in the order of names counts. */
function fileName(name: string, current: string | undefined): string {
  const own = `10-${name}.network`;
  return current === undefined || own < basename(current) ? own : `00-${name}.network`;
}

function isDefaultRoute(values: (key: string) => string[]): boolean {
  const to = values('Destination')[0];
  return to === undefined || /\/0$/.test(to);
}

/** DHCP for the families that stay. */
function setDhcp(ini: IniText, request: StaticAddress): void {
  const written = ini.values('Network', 'DHCP').at(-1)?.toLowerCase();
  if (written === undefined) return;
  const had = /^(yes|true|1|on|both)$/.test(written)
    ? [4, 6]
    : written === 'ipv4'
      ? [4]
      : written === 'ipv6'
        ? [6]
        : [];
  const left = had.filter((family) => !families(request).includes(family as 4 | 6));
  ini.set('Network', 'DHCP', left.length === 2 ? 'yes' : left.length === 1 ? `ipv${left[0]}` : 'no');
}
