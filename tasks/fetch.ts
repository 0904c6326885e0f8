import { homedir } from 'node:os';
import { basename, isAbsolute, normalize, resolve } from 'node:path';
import { z } from 'zod';
import { bool, path } from '../run/args.ts';
import { LamplighterError } from '../run/errors.ts';
import { fileSums, isDirectory, receive } from '../run/modules/fetched-file.ts';
import { replyFacts } from '../run/modules/file-arguments.ts';
import { sh } from '../run/shell/script.ts';
import { type ActionHost, defineTask, type StepReply, type TaskResult } from '../run/task.ts';

const args = z.strictObject({
  src: path(),
  dest: path(),
  flat: bool().default(false),
  fail_on_missing: bool().default(true),
  validate_checksum: bool().default(true),
});

type Args = z.infer<typeof args>;

/**
 * The file comes by a stream beside its destination and is renamed when it is whole. Check mode compares and writes nothing.
 * Source: https://docs.ansible.com/ansible/2.14/collections/ansible/builtin/fetch_module.html
 */
export default defineTask<Args>({
  name: 'ansible.builtin.fetch',
  summary: "Brings a host's file to the controller.",
  args: args as z.ZodType<Args>,
  missing: 'src and dest are required',
  checkMode: 'full',
  returns: {
    dest: 'The file on the controller.',
    checksum: 'SHA-1 of it.',
    md5sum: 'MD5 of it.',
    remote_checksum: "SHA-1 of the host's file, when it was brought.",
    file: 'The path on the host, when nothing was brought.',
  },
  example: `- ansible.builtin.fetch:
    src: /etc/mosquitto/certs/lamp.csr
    dest: requests/{{ inventory_hostname }}.csr
    flat: true`,
  action: async (args, host) => {
    const reply = await look(args.src, host);
    if (reply.status === 'unknown') return replyFacts(reply);
    const { source, sum } = reply.fields;
    if (source === undefined || sum === undefined) return notThere(reply, args);
    const dest = destination(args, host, source);
    const local = await fileSums(dest);
    if (local?.sha1 === sum) return { changed: false, md5sum: local.md5, file: source, dest, checksum: sum };
    const told = { dest, remote_md5sum: null, remote_checksum: sum };
    if (host.check) return { changed: true, ...told, checksum: sum };
    const got = await receive(() => host.download(source), dest, args.validate_checksum ? sum : undefined, host.signal);
    const result = { ...told, md5sum: got.md5, checksum: got.sha1 };
    if (got.installed) return { changed: true, ...result };
    return { changed: false, failed: true, msg: 'checksum mismatch', file: source, ...result };
  },
});

/** The fields `source` and `sum`, or a message. */
function look(src: string, host: ActionHost): Promise<StepReply> {
  return host.run(sh`
ll_home ${src}; m_path=$ll_path
ll_ret source "$m_path"
ll_read "$m_path"
case $? in
  0) ll_hash sha1 "$m_path" || ll_fail "file is not readable: $m_path"; ll_ret sum "$ll_sum";;
  1) if ll_may_come "$m_path"; then ll_unknown "$m_path may come with a package that is not installed yet"; fi
    ll_fail 'the remote file does not exist, not transferring, ignored';;
  3) ll_ret directory 1; ll_fail 'remote file is a directory, fetch cannot work on directories';;
  *) ll_fail "file is not readable: $m_path";;
esac`);
}

function notThere(reply: StepReply, args: Args): TaskResult {
  const { msg, source: file, directory } = reply.fields;
  if (args.fail_on_missing) return { changed: false, failed: true, msg };
  if (directory !== undefined) return { changed: false, msg: `${msg}, not transferring, ignored` };
  return { changed: false, file, msg };
}

/** Where the file goes. @throws LamplighterError for a directory, and for a path that leads out of `dest` */
function destination(args: Args, host: ActionHost, source: string): string {
  const top = fromPlaybook(args.dest, host);
  if (!args.flat) {
    const name = String(host.variable('inventory_hostname') ?? host.host);
    const dest = normalize(`${top}/${name}/${source}`);
    if (!dest.startsWith(normalize(`${top}/`)))
      throw new LamplighterError(
        'BAD_ARGUMENT',
        `Detected directory traversal, expected to be contained in '${top}' but got '${dest}'`,
      );
    return dest;
  }
  if (args.dest.endsWith('/')) return normalize(`${top}/${basename(source)}`);
  if (isDirectory(top))
    throw new LamplighterError(
      'BAD_ARGUMENT',
      'dest is an existing directory, use a trailing slash if you want to fetch src into that directory',
    );
  return normalize(top);
}

/** A relative path is seen from the playbook's directory. */
function fromPlaybook(dest: string, host: ActionHost): string {
  const path = dest.replace(/^~(?=\/|$)/, homedir());
  return isAbsolute(path) ? path : resolve(String(host.variable('playbook_dir') ?? '.'), path);
}
