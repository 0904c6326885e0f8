import { stat } from 'node:fs/promises';
import { hostname, userInfo } from 'node:os';
import { basename, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { z } from 'zod';
import { bool, fileMode, path, str } from '../run/args.ts';
import { LamplighterError } from '../run/errors.ts';
import {
  type ContentRequest,
  contentResult,
  contentStep,
  fitsScript,
  md5,
  sha1,
  streamContent,
  told,
  toldResult,
} from '../run/modules/content.ts';
import { encodeText } from '../run/modules/encode-text.ts';
import { FILE_ALIASES, FILE_UNSUPPORTED, fileArguments } from '../run/modules/file-arguments.ts';
import { lines } from '../run/shell/script.ts';
import { defineTask, type TaskContext } from '../run/task.ts';

const NEWLINES: Record<string, '\n' | '\r' | '\r\n'> = {
  '\n': '\n',
  '\r': '\r',
  '\r\n': '\r\n',
  // As they are written in YAML's single quotes.
  '\\n': '\n',
  '\\r': '\r',
  '\\r\\n': '\r\n',
};

const args = z.strictObject({
  src: path(),
  dest: path(),
  backup: bool().default(false),
  force: bool().default(true),
  follow: bool().default(false),
  validate: str().optional(),
  newline_sequence: str()
    .refine((text) => NEWLINES[text] !== undefined, 'newline_sequence needs to be one of: \\n, \\r or \\r\\n')
    .default('\n'),
  block_start_string: str().optional(),
  block_end_string: str().optional(),
  variable_start_string: str().optional(),
  variable_end_string: str().optional(),
  comment_start_string: str().optional(),
  comment_end_string: str().optional(),
  trim_blocks: bool().default(true),
  lstrip_blocks: bool().default(false),
  output_encoding: str().default('utf-8'),
  directory_mode: fileMode().optional(),
  ...fileArguments,
});

type Args = z.infer<typeof args>;

export default defineTask<Args>({
  name: 'ansible.builtin.template',
  summary: 'Renders a Jinja2 template on the controller and puts the result on the host.',
  args: args as z.ZodType<Args>,
  argAliases: FILE_ALIASES,
  unsupported: FILE_UNSUPPORTED,
  missing: 'src and dest are required',
  checkMode: 'full',
  returns: {
    dest: 'The path on the host.',
    src: 'The template.',
    checksum: 'SHA-1 of the rendered text.',
    md5sum: 'MD5 of it, when it was copied.',
    backup_file: 'The copy of what was there, with `backup`.',
  },
  example: `- ansible.builtin.template:
    src: bridge.conf.j2
    dest: /etc/mosquitto/conf.d/bridge.conf
    owner: mosquitto
    mode: "0640"`,

  step: async (args, context) => {
    const { content, request, file } = await rendered(args, context);
    if (!fitsScript(content)) return undefined;
    return lines(told(content, file), contentStep(request, { text: content.toString('utf8') }, sha1(content)));
  },

  result: (reply, _args, context) => toldResult(reply, context),

  action: async (args, host) => {
    const { content, request, file } = await rendered(args, host);
    const reply = await streamContent(host, request, sha1(content), (to) =>
      host.upload(Readable.from([content], { objectMode: false }), to),
    );
    return contentResult(reply, host, { checksum: sha1(content), md5sum: md5(content), src: file });
  },
});

/** The template's text for this host, and how it is to be installed. @throws LamplighterError of the template */
async function rendered(args: Args, context: TaskContext) {
  const file = context.findFile('templates', args.src);
  const source = await context.readFile(file);
  if (!Buffer.from(source.toString('utf8')).equals(source))
    throw new LamplighterError('TEMPLATE_ERROR', `${file}: Template source files must be utf-8 encoded`);
  const found = await stat(file);
  const text = context.renderTemplate(source.toString('utf8'), file, {
    trimBlocks: args.trim_blocks,
    lstripBlocks: args.lstrip_blocks,
    newlineSequence: NEWLINES[args.newline_sequence]!,
    ...strings(args),
    vars: await templateVariables(args, context, file, found),
  });
  const mode = args.mode === 'preserve' ? (found.mode & 0o7777).toString(8).padStart(4, '0') : args.mode;
  const request: ContentRequest = { ...args, mode, name: basename(file) };
  return { content: encodeText(text, args.output_encoding), request, file };
}

/** The delimiters that are said. */
function strings(args: Args) {
  return {
    ...(args.variable_start_string === undefined ? {} : { variableStart: args.variable_start_string }),
    ...(args.variable_end_string === undefined ? {} : { variableEnd: args.variable_end_string }),
    ...(args.block_start_string === undefined ? {} : { blockStart: args.block_start_string }),
    ...(args.block_end_string === undefined ? {} : { blockEnd: args.block_end_string }),
    ...(args.comment_start_string === undefined ? {} : { commentStart: args.comment_start_string }),
    ...(args.comment_end_string === undefined ? {} : { commentEnd: args.comment_end_string }),
  };
}

/** `template_host` and the others that Ansible defines for a template. */
async function templateVariables(args: Args, context: TaskContext, file: string, found: { uid: number; mtime: Date }) {
  const own = userInfo();
  return {
    template_host: hostname(),
    template_path: args.src,
    template_mtime: found.mtime,
    template_uid: found.uid === own.uid ? own.username : String(found.uid),
    template_run_date: new Date(),
    template_destpath: args.dest,
    template_fullpath: resolve(file),
    // A variable of that name is not overridden: Ansible's configuration can set the text, and so can an inventory here.
    ansible_managed: context.variable('ansible_managed') ?? 'Ansible managed',
  };
}
