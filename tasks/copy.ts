import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { z } from 'zod';
import { anything, bool, fileMode, path, str } from '../run/args.ts';
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
import { fileSha1, fileStream, isVault, STREAM_FROM } from '../run/modules/controller-file.ts';
import { copyTree, remoteTreeStep } from '../run/modules/copy-tree.ts';
import { FILE_ALIASES, FILE_UNSUPPORTED, fileArguments } from '../run/modules/file-arguments.ts';
import { pythonJson } from '../run/modules/python-json.ts';
import { shellFunctions } from '../run/modules/shell-file.ts';
import { sourceTree } from '../run/modules/source-tree.ts';
import { lines, raw, type Sh, sh } from '../run/shell/script.ts';
import { type ActionHost, defineTask, type StepReply, type TaskContext, type TaskResult } from '../run/task.ts';

const args = z
  .strictObject({
    src: path().optional(),
    content: anything().optional(),
    dest: path(),
    backup: bool().default(false),
    force: bool().default(true),
    validate: str().optional(),
    directory_mode: fileMode().optional(),
    remote_src: bool().default(false),
    local_follow: bool().default(true),
    checksum: str().optional(),
    follow: bool().default(false),
    decrypt: bool().default(true),
    ...fileArguments,
  })
  .superRefine((value, context) => {
    const has = value.content !== undefined && value.content !== null;
    if (value.src === undefined && !has) context.addIssue({ code: 'custom', message: 'src (or content) is required' });
    if (value.src !== undefined && has)
      context.addIssue({ code: 'custom', message: 'src and content are mutually exclusive' });
    if (has && value.dest.endsWith('/'))
      context.addIssue({ code: 'custom', message: 'can not use content with a dir as dest' });
  });

type Args = z.infer<typeof args>;

export default defineTask<Args>({
  name: 'ansible.builtin.copy',
  summary: 'Puts a file, a directory or a text where it belongs on the host.',
  args: args as unknown as z.ZodType<Args>,
  argAliases: { force: ['thirsty'], ...FILE_ALIASES },
  unsupported: FILE_UNSUPPORTED,
  missing: 'dest is required',
  checkMode: 'full',
  returns: {
    dest: 'The path on the host.',
    src: 'Where the content came from.',
    checksum: 'SHA-1 of the content.',
    md5sum: 'MD5 of the content, when it was copied.',
    backup_file: 'The copy of what was there, with `backup`.',
  },
  example: `- ansible.builtin.copy:
    content: |
      listener 50001
    dest: /etc/mosquitto/conf.d/port.conf
    mode: "0644"`,

  step: async (args, context) => {
    if (args.remote_src) return remoteStep(args);
    const source = await readSource(args, context);
    if (!source?.content || !fitsScript(source.content)) return undefined;
    return lines(
      told(source.content, source.file),
      contentStep(request(args, source), { text: source.content.toString('utf8') }, sha1(source.content)),
    );
  },

  result: (reply, args, context) => (args.remote_src ? remoteResult : toldResult)(reply, context),

  action: async (args, host) => {
    const source = await readSource(args, host);
    if (source === undefined) return copyDirectory(args, host);
    const { content, file } = source;
    const hash = content ? sha1(content) : await fileSha1(file);
    const reply = await streamContent(host, request(args, source), hash, (path) =>
      host.upload(content ? Readable.from([content], { objectMode: false }) : fileStream(file), path),
    );
    return contentResult(reply, host, {
      checksum: hash,
      ...(args.src === undefined ? {} : { src: file }),
      ...(content ? { md5sum: md5(content) } : {}),
    });
  },
});

interface Source {
  /** Undefined for what is too big to hold. */
  content: Buffer | undefined;
  /** The file on the controller; empty for `content`. */
  file: string;
  name: string;
  mode: number | undefined;
}

/** What is to be copied; undefined for a directory. */
async function readSource(args: Args, context: TaskContext): Promise<Source | undefined> {
  if (args.src === undefined)
    return { content: Buffer.from(contentText(args.content)), file: '', name: '', mode: undefined };
  const file = context.findFile('files', args.src.replace(/(?<=.)\/+$/, ''));
  const found = await stat(file);
  if (found.isDirectory()) return undefined;
  const big = found.size > STREAM_FROM && !(args.decrypt && (await isVault(file)));
  const content = big ? undefined : await context.readFile(file, { decrypt: args.decrypt });
  return { content, file, name: basename(args.src), mode: found.mode & 0o7777 };
}

/** Lists and mappings become JSON, spaced as Python's. */
function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  if (typeof content === 'boolean') return content ? 'True' : 'False';
  if (typeof content === 'object' && content !== null) return pythonJson(content);
  return String(content);
}

function request(args: Args, source: { name: string; mode: number | undefined }): ContentRequest {
  const mode = args.mode === 'preserve' && source.mode !== undefined ? octal(source.mode) : args.mode;
  return { ...args, name: source.name, mode };
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}

async function copyDirectory(args: Args, host: ActionHost): Promise<TaskResult> {
  const src = args.src!;
  const top = host.findFile('files', src.replace(/(?<=.)\/+$/, ''));
  const tree = await sourceTree(top, src.endsWith('/'), args.local_follow);
  const dest = args.dest.endsWith('/') ? args.dest : `${args.dest}/`;
  const result = await copyTree(host, tree, dest, { ...args, name: '', follow: false }, args.decrypt);
  return { ...result, src: src.endsWith('/') ? `${top}/` : top };
}

/** The source is on the host. */
function remoteStep(args: Args): Sh {
  const request: ContentRequest = { ...args, name: '' };
  return lines(
    shellFunctions(CONTENT_LIBRARY),
    contentVariables(request),
    validator(args.validate),
    sh`
ll_home ${args.src!}; m_src=$ll_path; ll_ret src "$m_src"
ll_stat ${raw('"${m_src%/}"')} follow
case $ll_kind in
  absent) ll_fail "Source $m_src not found";;
  directory)
    ll_home ${args.dest}; m_dest=$ll_path; ll_ret dest "$m_dest"
    if [ "$m_mode" = preserve ]; then m_mode=$ll_mode; fi
    ${remoteTreeStep(raw('"$m_src"'), raw('"$m_dest"'), request, args.local_follow)}
    ll_attributes ${raw('"${m_dest%/}"')} ${args.mode === 'preserve' ? '' : (args.mode ?? '')} "$m_owner" "$m_group"
    ll_stat ${raw('"${m_dest%/}"')}; ll_ret_stat
    return 0;;
  file) ;;
  *) ll_fail "Cannot copy invalid source '$m_src': not a file";;
esac
if [ "$m_mode" = preserve ]; then m_mode=$ll_mode; fi
ll_read "$m_src" || ll_fail "Source $m_src not readable"
m_new=$ll_at
ll_hash sha1 "$m_src"; m_sha1=$ll_sum; ll_ret sha1 "$m_sha1"
ll_hash md5 "$m_src"; ll_ret md5 "$ll_sum"
if [ "$m_checksum" ] && [ "$m_checksum" != "$m_sha1" ]; then
  ll_ret checksum "$m_sha1"; ll_ret expected_checksum "$m_checksum"
  ll_fail 'Copied file does not match the expected checksum. Transfer failed.'
fi
c_dest ${args.dest} ${raw('"${m_src##*/}"')}
if [ "$m_validate" ]; then ll_temp; cat "$m_new" >"$ll_tmp"; m_new=$ll_tmp; fi
c_install`,
  );
}

function remoteResult(reply: StepReply, context: TaskContext): TaskResult {
  const { sha1: checksum = '', md5: md5sum, src } = reply.fields;
  const result = contentResult(reply, context, { checksum, md5sum, src });
  if (checksum === '') delete result.checksum;
  else if (reply.status !== 'failed' && md5sum !== undefined) result.md5sum = md5sum;
  return result;
}
