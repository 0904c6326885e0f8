import type { Client, ParsedKey } from 'ssh2';

/**
 * Leaves out three things that ssh2 does and nobody needs. It asks whether the server would take a key before it signs, which
 * costs a round trip: with a key file it signs at once, as OpenSSH does (an agent may ask its owner, so its keys are asked
 * for). It waits for the log-in service to be granted before it logs in, another one: as soon as the server has told which
 * signatures it takes (EXT_INFO, behind its keys) there is nothing to wait for. And it lets the server prove its other host
 * keys, for an event that nobody listens to: a signature for each of them.
 */
export function hurry(client: Client): void {
  const { _protocol: protocol } = client as unknown as Ssh2Inside;
  if (protocol === undefined) return;
  const { authPK, _handlers: handlers } = protocol;
  const onRequest = handlers?.GLOBAL_REQUEST;
  if (handlers && onRequest)
    handlers.GLOBAL_REQUEST = (self, name, ...rest) => {
      if (name !== 'hostkeys-00@openssh.com') onRequest(self, name, ...rest);
    };
  logInAtOnce(protocol);
  if (authPK === undefined) return;
  protocol.authPK = (user, key, algorithm, sign) => {
    const ask = (signer?: Sign) => authPK.call(protocol, user, key, algorithm, signer);
    if (sign || !key.isPrivateKey()) {
      ask(sign);
      return;
    }
    const hash = /^rsa-sha2-(\d+)$/.exec(algorithm ?? '')?.[1];
    ask((data, answer) => {
      const signature: Buffer | Error = key.sign(data, hash && `sha${hash}`);
      // ssh2 tells why it cannot be signed with, once it has asked.
      if (signature instanceof Error) ask();
      else answer(signature);
    });
  };
}

function logInAtOnce(protocol: Protocol): void {
  const { service: request, _handlers: handlers } = protocol;
  const { EXT_INFO: onInfo, SERVICE_ACCEPT: onAccept } = handlers ?? {};
  if (!request || !handlers || !onInfo || !onAccept) return;
  let isInformed = false;
  let isRequested = false;
  let isUnderWay = false;
  const begin = () => {
    if (!isUnderWay) onAccept(protocol, 'ssh-userauth');
    isUnderWay = true;
  };
  // It may come before the host key has been judged, and so before the request.
  handlers.EXT_INFO = (self, ...rest) => {
    onInfo(self, ...rest);
    isInformed = true;
    if (isRequested) begin();
  };
  protocol.service = (name) => {
    request.call(protocol, name);
    isRequested = true;
    if (isInformed) begin();
  };
  handlers.SERVICE_ACCEPT = begin;
}

type Sign = (data: Buffer, answer: (signature: Buffer) => void) => void;

/** What is meant of ssh2's inside, as far as a version has it; `authPK` asks first where nobody signs. */
interface Ssh2Inside {
  _protocol?: Protocol;
}

interface Protocol {
  authPK?(user: string, key: ParsedKey, algorithm: string | undefined, sign?: Sign): void;
  service?(name: string): void;
  _handlers?: Handlers;
}

interface Handlers {
  GLOBAL_REQUEST?(self: unknown, name: string, ...rest: unknown[]): void;
  EXT_INFO?(self: unknown, ...rest: unknown[]): void;
  SERVICE_ACCEPT?(self: unknown, name: string): void;
}
