import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { z } from 'zod';
import { bool, path, str } from '../run/args.ts';
import { LamplighterError } from '../run/errors.ts';
import {
  CONTENT_LIBRARY,
  type ContentRequest,
  contentResult,
  contentStep,
  contentVariables,
  fitsScript,
  md5,
  sha1,
  streamContent,
  told,
  toldResult,
  validator,
} from '../run/modules/content.ts';
import { FILE_ALIASES, FILE_UNSUPPORTED, fileArguments, pathFacts, replyFacts } from '../run/modules/file-arguments.ts';
import { chosenNames, delimiterBytes, fragmentFiles, joinFragments } from '../run/modules/fragments.ts';
import { shellFunctions } from '../run/modules/shell-file.ts';
import { textRegex } from '../run/modules/text-regex.ts';
import { lines, raw, type Sh, sh } from '../run/shell/script.ts';
import { type ActionHost, defineTask, type StepReply, type TaskContext, type TaskResult } from '../run/task.ts';

const LIBRARY = new URL('../run/modules/assemble.sh', import.meta.url);

const args = z.strictObject({
  src: path(),
  dest: path(),
  remote_src: bool().default(true),
  delimiter: str().optional(),
  regexp: str().optional(),
  ignore_hidden: bool().default(false),
  backup: bool().default(false),
  validate: str().optional(),
  decrypt: bool().default(true),
  ...fileArguments,
});

type Args = z.infer<typeof args>;

/** Source: https://docs.ansible.com/ansible/2.14/collections/ansible/builtin/assemble_module.html */
export default defineTask<Args>({
  name: 'ansible.builtin.assemble',
  summary: 'Makes one file of the files in a directory.',
  args: args as z.ZodType<Args>,
  argAliases: FILE_ALIASES,
  unsupported: FILE_UNSUPPORTED,
  checkMode: 'full',
  returns: {
    dest: 'The path on the host.',
    checksum: 'SHA-1 of the whole.',
    md5sum: 'MD5 of it.',
    backup_file: 'The copy of what was there, with `backup`.',
    validation: 'What the command of `validate` said.',
  },
  example: `- ansible.builtin.assemble:
    src: /etc/mosquitto/fragments
    dest: /etc/mosquitto/mosquitto.conf
    delimiter: '# ----'`,

  step: async (args, context) => {
    if (!args.remote_src) {
      const { content, src } = await assembled(args, context);
      if (!fitsScript(content)) return undefined;
      const source = { text: content.toString('utf8') };
      return lines(told(content, src), contentStep(request(args), source, sha1(content)));
    }
    chosenNames([], args.regexp);
    const pattern = args.regexp === undefined ? undefined : textRegex(args.regexp);
    if (args.regexp && pattern === undefined) return undefined;
    return lines(opening(args), Boolean(pattern) && sh`a_match ${pattern!}`, closing(args));
  },

  result: (reply, args, context) => (args.remote_src ? remoteResult : toldResult)(reply, context),

  action: async (args, host) => {
    if (args.remote_src) return assembleByNames(args, host);
    const { content, src } = await assembled(args, host);
    const reply = await streamContent(host, request(args), sha1(content), (to) =>
      host.upload(Readable.from([content], { objectMode: false }), to),
    );
    return contentResult(reply, host, { checksum: sha1(content), md5sum: md5(content), src });
  },
});

/** The names come here to be chosen by a pattern that is Python's alone. */
async function assembleByNames(args: Args, host: ActionHost): Promise<TaskResult> {
  const listed = await host.run(lines(opening(args), raw('ll_ret_file names "$m_names"')), { readOnly: false });
  const { names } = listed.fields;
  if (names === undefined) return remoteResult(listed, host);
  const chosen = chosenNames(
    names.split('\n').filter((name) => name !== ''),
    args.regexp,
  );
  const text = chosen.map((name) => `${name}\n`).join('');
  const reply = await host.run(
    lines(opening(args), sh`ll_temp; m_names=$ll_tmp; printf %s ${text} >"$m_names"`, closing(args)),
  );
  return remoteResult(reply, host);
}

function opening(args: Args): Sh {
  return lines(
    shellFunctions(CONTENT_LIBRARY),
    shellFunctions(LIBRARY),
    contentVariables({ ...args, follow: false, force: true }),
    validator(args.validate),
    sh`a_source ${args.src}`,
  );
}

function closing(args: Args): Sh {
  let delimiter = delimiterBytes(args.delimiter ?? '');
  if (delimiter.length > 0 && delimiter.at(-1) !== 10) delimiter = Buffer.concat([delimiter, Buffer.from('\n')]);
  const format = Array.from(delimiter, (byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
  return sh`
m_delimiter=${format}
a_join ${args.ignore_hidden ? '1' : ''}
a_install ${args.dest}`;
}

/** The whole, of files of the controller. @throws LamplighterError when there is no such directory */
async function assembled(args: Args, context: TaskContext): Promise<{ content: Buffer; src: string }> {
  const src = context.findFile('files', args.src.replace(/(?<=.)\/+$/, ''));
  if (!(await stat(src)).isDirectory())
    throw new LamplighterError('MODULE_FAILED', `Source (${src}) is not a directory`);
  const files = await fragmentFiles(src, args);
  const fragments = await Promise.all(files.map((file) => context.readFile(file, { decrypt: args.decrypt })));
  const delimiter = delimiterBytes(args.delimiter ?? '');
  // Ansible's own part for this case compares a number with a text: here a line feed is always added.
  const spaced = delimiter.length > 0 ? Buffer.concat([delimiter, Buffer.from('\n')]) : delimiter;
  return { content: joinFragments(fragments, spaced), src };
}

function request(args: Args): ContentRequest {
  return { ...args, name: args.src.replace(/\/+$/, '').replace(/.*\//, ''), follow: false, force: true };
}

function remoteResult(reply: StepReply, context: Pick<TaskContext, 'diff'>): TaskResult {
  const { fields } = reply;
  const result: TaskResult = replyFacts(reply);
  if (reply.status === 'unknown') return result;
  if (reply.status === 'failed') {
    if (fields.exit_status !== undefined)
      result.msg = `failed to validate: rc:${fields.exit_status} error:${fields.stderr ?? ''}`;
    return result;
  }
  const { src, dest, sha1: checksum, md5: md5sum } = fields;
  Object.assign(result, { src, dest, checksum, md5sum, msg: 'OK', ...pathFacts(reply) });
  if (fields.backup_file) result.backup_file = fields.backup_file;
  if (fields.stdout !== undefined) result.validation = { rc: 0, stdout: fields.stdout, stderr: fields.stderr ?? '' };
  if (context.diff) result.diff = reply.diffs;
  return result;
}
