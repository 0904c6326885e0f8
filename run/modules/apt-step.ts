import { lines, raw, type Sh, sh } from '../shell/script.ts';
import { shellFunctions } from './shell-file.ts';

/** The arguments of the apt module. */
export interface AptRequest {
  package?: string[] | undefined;
  state: 'present' | 'absent' | 'latest' | 'build-dep' | 'fixed';
  update_cache?: boolean | undefined;
  update_cache_retries: number;
  update_cache_retry_max_delay: number;
  cache_valid_time: number;
  purge: boolean;
  default_release?: string | undefined;
  install_recommends?: boolean | undefined;
  force: boolean;
  clean: boolean;
  allow_unauthenticated: boolean;
  allow_downgrade: boolean;
  allow_change_held_packages: boolean;
  upgrade: 'dist' | 'full' | 'no' | 'safe' | 'yes';
  dpkg_options: string;
  deb?: string | undefined;
  autoremove: boolean;
  autoclean: boolean;
  policy_rc_d?: number | undefined;
  only_upgrade: boolean;
  fail_on_autoremove: boolean;
  force_apt_get: boolean;
  lock_timeout: number;
}

/** One visit: what is installed, what apt offers, and apt-get only when something is to be done. */
export function aptStep(args: AptRequest): Sh {
  const updates = args.update_cache === true || args.cache_valid_time > 0;
  const specs = (args.package ?? []).map((spec) => spec.trim()).filter((spec) => spec !== '' && spec !== '*');
  const all = args.package?.includes('*') === true;
  const idle = args.package === undefined && args.upgrade === 'no' && args.deb === undefined;
  return lines(
    shellFunctions(new URL('./apt.sh', import.meta.url)),
    settings(args),
    raw('apt_begin'),
    args.clean && raw(idle ? 'apt_clean; ll_changed; apt_end; return 0' : 'apt_clean'),
    updates && sh`apt_update ${args.cache_valid_time}`,
    // By itself an update counts as a change; before an installation it does not.
    updates && idle && raw('[ -z "$m_updated" ] || ll_changed; apt_end; return 0'),
    args.upgrade !== 'no' && upgrade(args.upgrade, args),
    args.deb !== undefined && sh`apt_deb ${args.deb.includes('://') ? [args.deb] : args.deb.split(',')}`,
    args.state === 'latest' && all && upgrade('yes', args),
    specs.length === 0 && args.autoclean && raw('apt_autoclean'),
    specs.length === 0 && args.autoremove && args.upgrade === 'no' && sh`apt_other ${purge(args)} autoremove`,
    specs.length > 0 && packages(args, specs),
    raw('apt_end'),
  );
}

function packages(args: AptRequest, specs: string[]): Sh {
  switch (args.state) {
    case 'absent':
      return sh`apt_absent ${specs}`;
    case 'build-dep':
      return sh`apt_other build-dep ${specs}`;
    case 'fixed':
      return sh`apt_other --fix-broken install ${specs}`;
    default:
      return sh`apt_present ${specs}`;
  }
}

/** aptitude's verbs where it is there, unless force_apt_get is set; `dist` is always apt-get's. */
function upgrade(mode: AptRequest['upgrade'], args: AptRequest): Sh {
  if (mode === 'dist') return raw('apt_other dist-upgrade');
  const byAptGet = mode === 'full' ? raw('apt_other dist-upgrade') : raw('apt_other upgrade --with-new-pkgs');
  if (args.force_apt_get) return byAptGet;
  const verb = mode === 'full' ? 'full-upgrade' : 'safe-upgrade';
  return sh`if command -v aptitude >/dev/null; then apt_aptitude ${verb}; else ${byAptGet}; fi`;
}

function purge(args: AptRequest): Sh {
  return raw(args.purge ? '--purge' : '');
}

function settings(args: AptRequest): Sh {
  return sh`
m_options=${options(args).join(' ')}
m_lock_timeout=${args.lock_timeout} m_retries=${args.update_cache_retries} m_max_delay=${args.update_cache_retry_max_delay}
m_policy=${args.policy_rc_d ?? ''} m_release=${args.default_release ?? ''} m_latest=${flag(args.state === 'latest')}
m_only_upgrade=${flag(args.only_upgrade)} m_purge=${flag(args.purge)}`;
}

function flag(value: boolean): string {
  return value ? '1' : '';
}

/** Options of every apt-get that changes packages. */
function options(args: AptRequest): string[] {
  const dpkg = args.dpkg_options.split(',').filter((option) => option !== '');
  const words = dpkg.flatMap((option) => ['-o', `Dpkg::Options::=--${option}`]);
  const recommends = args.install_recommends;
  if (recommends !== undefined) words.push('-o', `APT::Install-Recommends=${recommends ? 'yes' : 'no'}`);
  if (args.default_release) words.push('-t', args.default_release);
  if (args.autoremove && (args.package !== undefined || args.upgrade !== 'no')) words.push('--auto-remove');
  if (args.fail_on_autoremove && args.state !== 'absent') words.push('--no-remove');
  if (args.only_upgrade) words.push('--only-upgrade');
  if (args.allow_unauthenticated || args.force) words.push('--allow-unauthenticated');
  if (args.allow_downgrade || args.force) words.push('--allow-downgrades');
  if (args.allow_change_held_packages || args.force) words.push('--allow-change-held-packages');
  if (args.force) words.push('--allow-remove-essential');
  return words;
}
