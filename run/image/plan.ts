import { z } from 'zod';
import { choice, list, str } from '../args.ts';
import { complaints } from '../modules/static-address/request.ts';

/*
 * What a machine is to be after an unattended installation, whatever said it: an option or a variable of the inventory.
 */

/** Accounts that Ubuntu has or keeps for itself; the installer refuses them too. */
const TAKEN =
  /^(root|daemon|bin|sys|sync|games|man|lp|mail|news|uucp|proxy|www-data|backup|list|irc|gnats|nobody|admin|sudo|sshd|systemd-.*|messagebus|syslog|mosquitto)$/;
const INTERFACE = /^([A-Za-z0-9*?[\]][A-Za-z0-9_.:*?[\]-]{0,14}|[0-9a-f]{2}(:[0-9a-f]{2}){5})$/i;
const DISK = /^(\/dev\/[A-Za-z0-9][A-Za-z0-9/_.:+-]*|(serial|model):[^\s'"\\]+)$/;

function text(pattern: RegExp, expected: string) {
  return str().refine((value) => pattern.test(value), `expected ${expected}`);
}

/** The installer knows `UTC` and places, not every name that the system has. */
function timezone(): z.ZodType<string> {
  return str().refine((zone) => {
    if (zone !== 'UTC' && !/^(?!Etc\/)[A-Z]\w+\/\w/.test(zone)) return false;
    try {
      return new Intl.DateTimeFormat('en', { timeZone: zone }) !== undefined;
    } catch {
      return false;
    }
  }, 'expected a time zone such as Europe/Madrid, or UTC');
}

const disk = () => text(DISK, 'a disk: /dev/sda, serial:PATTERN or model:PATTERN');

export const planSchema = z
  .strictObject({
    hostname: text(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i, 'a host name: letters, digits and hyphens'),
    user: text(
      /^[a-z_][a-z0-9_-]{0,31}$/,
      'a user name: small letters, digits, "_" and "-", not beginning with a digit',
    ).refine(
      (name) => !TAKEN.test(name),
      "this account is the system's own; name an ordinary user, who becomes root by sudo",
    ),
    address: list(str()).default([]),
    gateway: list(str()).default([]),
    dns: list(str()).default([]),
    interface: text(INTERFACE, 'an interface (enp8s0), a pattern of names (en*) or a MAC address').default('en*'),
    root_disk: disk().default('/dev/sda'),
    data_disk: z
      .union([z.literal('none'), disk()], 'expected a disk (/dev/sdb, serial:PATTERN or model:PATTERN) or none')
      .default('/dev/sdb'),
    swap: text(/^[1-9]\d*[MG]$/, 'a size such as 4G or 512M').default('4G'),
    firmware: choice('bios', 'uefi').default('bios'),
    source: choice('ubuntu-server', 'ubuntu-server-minimal').default('ubuntu-server-minimal'),
    locale: text(/^[A-Za-z_]{2,}(\.[A-Za-z0-9-]+)?(@[a-z]+)?$/, 'a locale such as en_US.UTF-8').default('en_US.UTF-8'),
    keyboard: text(/^[a-z]{2,}(,[a-z]{2,})*$/, 'a keyboard layout such as us or es').default('us'),
    timezone: timezone().default('UTC'),
  })
  .superRefine((plan, context) => {
    const say = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (plan.root_disk === plan.data_disk)
      say('data_disk', `${plan.data_disk} is the disk of / already; name another one, or none`);
    if (plan.address.length > 0) for (const { about, message } of complaints(plan)) say(about, message);
    else if (plan.gateway.length > 0) say('gateway', 'a gateway needs an address that goes with it');
    else if (plan.dns.length > 0) say('dns', 'name servers need an address that goes with them; DHCP brings its own');
  });

export type Plan = z.infer<typeof planSchema>;

/** How the user gets in and becomes root. */
export interface Access {
  /** Lines as in authorized_keys. */
  keys: readonly string[];
  /** As in /etc/shadow; undefined: no password at all, and sudo asks for none. */
  passwordHash: string | undefined;
}
