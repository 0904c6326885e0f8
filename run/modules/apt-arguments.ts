import type { z } from 'zod';
import { bool, choice, int, list, path, str } from '../args.ts';
import type { AptRequest } from './apt-step.ts';

/*
 * The arguments of apt, which `package` hands on as they are.
 * Source: https://docs.ansible.com/ansible/2.14/collections/ansible/builtin/apt_module.html
 */

/** Words that go unquoted into a command line: no blanks, quotes or shell characters. */
function word(): z.ZodType<string> {
  return str().refine(
    (text) => /^[A-Za-z0-9_.,:=+~/@-]*$/.test(text),
    'expected a word of letters, digits and _ . , : = + ~ / @ -',
  ) as unknown as z.ZodType<string>;
}

/** Each by its name, with its default. */
export const APT_FIELDS = {
  package: list(str()).optional(),
  state: choice('present', 'absent', 'latest', 'build-dep', 'fixed').default('present'),
  update_cache: bool().optional(),
  update_cache_retries: int({ min: 1 }).default(5),
  update_cache_retry_max_delay: int({ min: 0 }).default(12),
  cache_valid_time: int({ min: 0 }).default(0),
  purge: bool().default(false),
  default_release: word().optional(),
  install_recommends: bool().optional(),
  force: bool().default(false),
  clean: bool().default(false),
  allow_unauthenticated: bool().default(false),
  allow_downgrade: bool().default(false),
  allow_change_held_packages: bool().default(false),
  upgrade: choice('dist', 'full', 'no', 'safe', 'yes').default('no'),
  dpkg_options: word().default('force-confdef,force-confold'),
  deb: path().optional(),
  autoremove: bool().default(false),
  autoclean: bool().default(false),
  policy_rc_d: int({ min: 0, max: 255 }).optional(),
  only_upgrade: bool().default(false),
  fail_on_autoremove: bool().default(false),
  force_apt_get: bool().default(false),
  lock_timeout: int({ min: 0 }).default(60),
};

/** argument -> its other names. */
export const APT_ALIASES = {
  package: ['name', 'pkg'],
  update_cache: ['update-cache'],
  default_release: ['default-release'],
  install_recommends: ['install-recommends'],
  allow_unauthenticated: ['allow-unauthenticated'],
  allow_downgrade: ['allow-downgrade', 'allow_downgrades', 'allow-downgrades'],
};

/** What may not stand together, and names that no package can have. */
export function checkApt(args: AptRequest, context: z.RefinementCtx): void {
  const issue = (message: string) => context.addIssue({ code: 'custom', message });
  const asks = [args.package !== undefined, args.upgrade !== 'no', args.deb !== undefined];
  if (asks.filter(Boolean).length > 1) issue('parameters are mutually exclusive: deb|package|upgrade');
  const alone = [args.autoremove, args.autoclean, args.clean, args.update_cache, args.cache_valid_time > 0];
  if (![...asks, ...alone].some(Boolean))
    issue('one of the following is required: autoremove, deb, package, update_cache, upgrade');
  if (args.deb !== undefined && args.state !== 'present') issue('deb only supports state=present');
  if (args.state === 'latest' && args.package?.includes('*') && args.package.length > 1)
    issue('unable to install additional packages when upgrading all installed packages');
  for (const spec of args.package ?? []) {
    if (spec === '*' || spec === '') continue;
    if (spec.split('=').length > 2) issue(`invalid package spec: ${spec}`);
    else if (!/^[A-Za-z0-9*?[\]!][A-Za-z0-9+.:*?[\]!_-]*(>?=[A-Za-z0-9.+:~*?[\]!-]+)?$/.test(spec))
      issue(`invalid package spec: ${spec}`);
  }
}
