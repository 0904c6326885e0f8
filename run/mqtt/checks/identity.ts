import { type Sh, sh } from '../../shell/script.ts';
import type { ActionHost } from '../../task.ts';
import { bridgeIn } from '../causes/cause.ts';
import { parseConfigLine } from '../config.ts';
import { type BrokerPlace, CONFIG_FUNCTIONS } from '../evidence.ts';
import type { PreSharedKey } from '../tls.ts';

/** As whom a bridge logs in to the cloud: the lamp's own secrets, for as long as a check runs. */
export interface Identity {
  username?: string;
  password?: string;
  /** PEM texts. */
  cert?: string;
  key?: string;
  psk?: PreSharedKey;
}

/** Reads the identity of a bridge from its own broker's configuration; undefined when it has no such bridge. */
export async function bridgeIdentity(
  lamp: ActionHost,
  place: BrokerPlace,
  clientId: string,
): Promise<Identity | undefined> {
  const { stdout } = await lamp.run(identityScript(place), { readOnly: true });
  const [config = '', ...files] = stdout.split(/^@@file /m);
  const lines = config
    .split('\n')
    .filter((line) => line !== '')
    .map(parseConfigLine);
  const texts = new Map(
    files.map((text): [string, string] => {
      const end = text.indexOf('\n');
      return [text.slice(0, end), text.slice(end + 1)];
    }),
  );
  const bridge = bridgeIn({ config: lines }, { clientId });
  if (bridge === undefined) return undefined;
  const start = lines.indexOf(bridge.at);
  const next = lines.findIndex(({ option }, i) => i > start && option === 'connection');
  const own = lines.slice(start, next < 0 ? undefined : next);
  const value = (...options: string[]) => own.findLast(({ option }) => options.includes(option))?.value;
  const password = value('remote_password', 'password');
  const key = texts.get(value('bridge_keyfile') ?? '');
  const shared = value('bridge_psk');
  for (const secret of [password, key, shared]) if (secret !== undefined) lamp.secret(secret);
  const username = value('remote_username', 'username');
  const cert = texts.get(value('bridge_certfile') ?? '');
  return {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(shared === undefined ? {} : { psk: { identity: value('bridge_identity') ?? '', key: shared } }),
  };
}

/** Prints the lines of bridges, then each file that they name for a certificate. */
function identityScript({ config }: BrokerPlace): Sh {
  return sh`
    ${CONFIG_FUNCTIONS}
    files=$(config_files ${config})
    IFS='
'
    lines=$(as_root awk '$1 ~ /^(connection|remote_.*|clientid|username|password|bridge_(certfile|keyfile|psk|identity))$/ {
      print FILENAME ":" FNR ":" $0 }' $files)
    printf '%s\n' "$lines"
    for file in $(printf '%s\n' "$lines" | sed -n 's/^[^:]*:[0-9]*:[[:space:]]*bridge_\(cert\|key\)file[[:space:]]\{1,\}//p'); do
      printf '@@file %s\n' "$file"
      as_root cat "$file"
    done
    unset IFS
    return 0`;
}
