import type { RunOptions } from '../options.ts';
import type { VariableScope } from '../plan/scope.ts';
import { SshConfig } from '../transport/ssh-config.ts';
import { resolveTarget } from '../transport/target.ts';
import type { ConnectionTarget } from '../transport/transport.ts';
import type { HostRun, Route } from './host-run.ts';

/** Names whose values decide how a host is reached. */
export const CONNECTION_NAME =
  /^ansible_(host|port|user|password|connection|timeout|private_key_|host_key_checking|ssh_|paramiko_|shell_)/;

/**
 * Resolves where hosts are reached: their variables first, then keywords, then the command line, then ssh_config. The
 * result is asked for once a host and route.
 */
export function connectionTargets(
  options: RunOptions,
): (host: HostRun, route: Route, scope: () => VariableScope) => () => Promise<ConnectionTarget> {
  const sshConfig = new SshConfig();
  return (host, route, scopeOf) => {
    let asked: Promise<ConnectionTarget> | undefined;
    const resolve = (): Promise<ConnectionTarget> => {
      const scope = scopeOf();
      const vars: Record<string, unknown> = {};
      for (const name of scope.names()) if (CONNECTION_NAME.test(name)) vars[name] = scope.value(name);
      Object.assign(vars, route.variables);
      const port = route.port ?? options.defaults?.port;
      if (port !== undefined) vars.ansible_port ??= port;
      const { hostKeyChecking } = options;
      return resolveTarget(
        { ...vars, inventory_hostname: host.name },
        {
          sshConfig,
          user: route.remoteUser ?? options.remoteUser,
          keyFile: options.privateKey,
          password: options.passwords.ssh,
          connection: route.connection ?? options.connection,
          timeoutSeconds: options.timeout,
          hostKeyChecking: hostKeyChecking === false ? 'no' : undefined,
          sshCommonArgs: options.sshCommonArgs,
          sshExtraArgs: options.sshExtraArgs,
        },
      );
    };
    return () => {
      asked ??= resolve();
      return asked;
    };
  };
}
