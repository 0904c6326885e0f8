import { lines, raw, type Sh, sh } from '../shell/script.ts';
import { shellFunctions } from './shell-file.ts';

export interface UnitRequest {
  name?: string | undefined;
  state?: 'started' | 'stopped' | 'restarted' | 'reloaded' | undefined;
  enabled?: boolean | undefined;
  masked?: boolean | undefined;
  daemon_reload?: boolean;
  daemon_reexec?: boolean;
  scope?: 'system' | 'user' | 'global';
  no_block?: boolean;
  force?: boolean | undefined;
}

export interface InitRequest {
  name: string;
  state?: UnitRequest['state'];
  enabled?: boolean | undefined;
  use: string;
  pattern?: string | undefined;
  sleep?: number | undefined;
  arguments: string;
  runlevel: string;
}

/** Functions and settings for a systemd unit; `unit_main` carries it out. */
export function unitStep(request: UnitRequest): Sh {
  const { scope = 'system' } = request;
  const flags = [
    ...(scope === 'system' ? [] : [`--${scope}`]),
    ...(request.no_block ? ['--no-block'] : []),
    ...(request.force ? ['--force'] : []),
  ];
  return lines(
    shellFunctions(new URL('./systemd-unit.sh', import.meta.url)),
    sh`m_unit=${request.name ?? ''} m_state=${request.state ?? ''} m_enabled=${bit(request.enabled)} m_masked=${bit(request.masked)}`,
    sh`m_flags=${flags.join(' ')} m_scope=${scope} m_reload=${on(request.daemon_reload)} m_reexec=${on(request.daemon_reexec)}`,
    raw('unit_main'),
  );
}

/** The same where no systemd runs. */
export function initStep(request: InitRequest): Sh {
  return lines(
    shellFunctions(new URL('./init-service.sh', import.meta.url)),
    sh`m_unit=${request.name} m_state=${request.state ?? ''} m_enabled=${bit(request.enabled)} m_manager=${request.use}`,
    sh`m_pattern=${request.pattern ?? ''} m_sleep=${request.sleep ?? ''} m_arguments=${request.arguments} m_runlevel=${request.runlevel} m_assumed=`,
    raw('service_main'),
  );
}

function bit(value: boolean | undefined): string {
  return value === undefined ? '' : value ? '1' : '0';
}

function on(value: boolean | undefined): string {
  return value ? '1' : '';
}
