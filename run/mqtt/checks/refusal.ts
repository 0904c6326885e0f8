import { randomBytes } from 'node:crypto';
import { LamplighterError } from '../../errors.ts';
import { strangerCertificate } from '../../x509/stranger.ts';
import { settingOf, shownLine } from '../config.ts';
import type { EndOptions } from '../end.ts';
import { evidenceOn } from '../evidence.ts';
import type { Check, Scene } from './check.ts';
import { bridgeIdentity } from './identity.ts';

/** A client that has no business there, and what it brings. */
interface Stranger {
  who: string;
  brings: Partial<EndOptions>;
}

/** What the cloud's broker says to strangers. The check's own client is in: it is they that are refused, not everybody. */
export const refusal: Check = async (scene) => {
  const { bridge } = scene;
  const turnedAway: string[] = [];
  for (const { who, brings } of await strangers(scene)) {
    const answer = await knock(scene, brings);
    if (answer === 'refused') turnedAway.push(who);
    else if (answer === 'silent') return { saw: `${bridge.cloudName} neither admits nor refuses ${who}: no answer` };
    else return { saw: `${bridge.cloudName} admits ${who}`, cause: await cause(scene, who) };
  }
  return { proven: `${bridge.cloudName} refuses ${turnedAway.join(', ')}`, facts: { refused: turnedAway } };
};

async function strangers({ hosts, bridge, places, logins }: Scene): Promise<Stranger[]> {
  const { tls, username } = logins.cloud;
  const nobody = { username: undefined, password: undefined };
  const identity = await bridgeIdentity(hosts.lamp, places.lamp, bridge.clientId);
  const known = username ?? identity?.username;
  const bare = tls && { ...tls, cert: undefined, key: undefined, psk: undefined, ...(tls.psk && { insecure: true }) };
  const found: Stranger[] = [{ who: 'a client without a name', brings: { ...nobody, tls: bare } }];
  if (tls?.psk !== undefined)
    found.push(
      { who: 'a client without TLS', brings: { ...nobody, tls: undefined } },
      {
        who: `a client with a key that is not of ${tls.psk.identity}`,
        brings: { ...nobody, tls: { ...tls, psk: { ...tls.psk, key: randomBytes(16).toString('hex') } } },
      },
    );
  else if (tls !== undefined) {
    const forged = await strangerCertificate(bridge.deviceId);
    found.push(
      { who: 'a client without TLS', brings: { ...nobody, tls: undefined } },
      {
        who: `a certificate for ${bridge.deviceId} of another authority`,
        brings: { ...nobody, tls: { ...tls, ...forged } },
      },
    );
  }
  if (known !== undefined)
    found.push({
      who: `the user ${known} with a wrong password`,
      brings: { username: known, password: randomBytes(12).toString('hex'), tls: bare },
    });
  return found;
}

async function knock({ open }: Scene, brings: Partial<EndOptions>): Promise<'admitted' | 'refused' | 'silent'> {
  try {
    await (await open('cloud', brings)).close();
    return 'admitted';
  } catch (error) {
    if (!(error instanceof LamplighterError) || error.code === 'INTERRUPTED') throw error;
    return error.code === 'TIMEOUT' ? 'silent' : 'refused';
  }
}

async function cause({ hosts, bridge, places }: Scene, who: string) {
  const { config } = await evidenceOn(hosts.cloud, places.cloud);
  const lines = ['allow_anonymous', 'require_certificate', 'cafile', 'password_file'].map((name) =>
    settingOf(config, name),
  );
  return {
    code: 'stranger-admitted' as const,
    text: `${bridge.cloudName}'s broker is open to ${who}`,
    evidence: lines.flatMap((line) => (line === undefined ? [] : [shownLine(line)])),
    hint: 'Set allow_anonymous false, and for certificates cafile and require_certificate true (cloud_allow_anonymous, cloud_cafile).',
  };
}
