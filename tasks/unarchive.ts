import { Readable } from 'node:stream';
import { z } from 'zod';
import { bool, int, list, path, str } from '../run/args.ts';
import { LamplighterError } from '../run/errors.ts';
import { isVault } from '../run/modules/controller-file.ts';
import { FILE_ALIASES, FILE_UNSUPPORTED, fileArguments, pathFacts, replyFacts } from '../run/modules/file-arguments.ts';
import { openUrl } from '../run/modules/http-client.ts';
import { shellFunctions } from '../run/modules/shell-file.ts';
import { lines, type Sh, sh } from '../run/shell/script.ts';
import { type ActionHost, defineTask, type StepReply, type TaskResult } from '../run/task.ts';

const args = z
  .strictObject({
    src: path(),
    dest: path(),
    remote_src: bool().optional(),
    copy: bool().optional(),
    creates: path().optional(),
    list_files: bool().default(false),
    keep_newer: bool().default(false),
    exclude: list(str()).default([]),
    include: list(str()).default([]),
    extra_opts: list(str()).default([]),
    validate_certs: bool().default(true),
    decrypt: bool().default(true),
    io_buffer_size: int().optional(),
    ...fileArguments,
  })
  .superRefine((value, context) => {
    const fail = (message: string) => context.addIssue({ code: 'custom', message });
    if (value.include.length > 0 && value.exclude.length > 0)
      fail('parameters are mutually exclusive: include|exclude');
    if (value.copy !== undefined && value.remote_src !== undefined)
      fail("parameters are mutually exclusive: ('copy', 'remote_src')");
    if (value.src.includes('://') && !isRemote(value)) fail('src is a URL: say remote_src: true');
  });

type Args = z.infer<typeof args>;

/** Source: https://docs.ansible.com/ansible/2.14/collections/ansible/builtin/unarchive_module.html */
export default defineTask<Args>({
  name: 'ansible.builtin.unarchive',
  summary: 'Unpacks an archive of the controller, of the host or of the web.',
  args: args as unknown as z.ZodType<Args>,
  argAliases: FILE_ALIASES,
  unsupported: FILE_UNSUPPORTED,
  checkMode: 'full',
  returns: {
    dest: 'The directory.',
    src: 'The archive.',
    handler: 'What kind it is: TgzArchive, TarArchive, ZipArchive …',
    files: 'What it holds, with list_files.',
    extract_results: 'What the program said that unpacked it: rc, out, err.',
  },
  example: `
- ansible.builtin.unarchive:
    src: lamp-ui.tar.gz
    dest: /srv/www
    owner: www-data`,
  step: (args) => (isRemote(args) && !args.src.includes('://') ? mainStep(args, args.src) : undefined),
  result: unarchiveResult,
  action: async (args, host) => {
    const first = await host.run(
      sh`${opening(args)}
m_tmp=$(mktemp /var/tmp/.lamplighter.XXXXXX) || { ll_temp; m_tmp=$ll_tmp; }
ll_ret upload "$m_tmp"`,
    );
    const { upload } = first.fields;
    if (upload === undefined) return unarchiveResult(first, args, host);
    try {
      const src = await bring(args, host, upload);
      return { ...unarchiveResult(await host.run(mainStep(args, upload)), args, host), src };
    } finally {
      await host.run(sh`rm -f ${upload}`, { readOnly: true });
    }
  },
});

function isRemote(args: { copy?: boolean | undefined; remote_src?: boolean | undefined }): boolean {
  return args.copy === undefined ? args.remote_src === true : !args.copy;
}

/** The archive to the host; returns where it came from. */
async function bring(args: Args, host: ActionHost, upload: string): Promise<string> {
  if (isRemote(args)) {
    const response = await openUrl(args.src, {
      follow: 'all',
      validateCerts: args.validate_certs,
      signal: host.signal,
      connect: (address, port) => host.forward(address, port),
    });
    if (response.status !== 200) {
      response.body.destroy();
      throw new LamplighterError(
        'MODULE_FAILED',
        `Failure downloading ${args.src}, HTTP Error ${response.status}: ${response.reason}`,
      );
    }
    await host.upload(response.body, upload, (total) => host.progress(`${args.src}: ${total} bytes`));
    return args.src;
  }
  const file = host.findFile('files', args.src);
  const secret = args.decrypt && (await isVault(file));
  const source = secret ? Readable.from([await host.readFile(file)], { objectMode: false }) : file;
  await host.upload(source, upload, (total) => host.progress(`${args.src}: ${total} bytes`));
  return file;
}

function opening(args: Args): Sh {
  return lines(
    shellFunctions(new URL('../run/modules/http.sh', import.meta.url), new Set(['h_unknown_content'])),
    shellFunctions(new URL('../run/modules/unarchive.sh', import.meta.url)),
    words(args),
    sh`
m_mode=${args.mode ?? ''} m_owner=${args.owner ?? ''} m_group=${args.group ?? ''} m_flags=${args.attributes ?? ''}
m_newer=${args.keep_newer ? '1' : ''} m_list_files=${args.list_files ? '1' : ''}
z_created ${args.creates ?? ''}
z_dest ${args.dest}`,
  );
}

/** The functions that end the command lines of tar and unzip: options, the archive, members. */
function words(args: Args): Sh {
  const exclude = args.exclude.map((name) => name.replace(/\/+$/, ''));
  const tar = [
    ...(args.extra_opts.length > 0 ? ['--show-transformed-names', ...args.extra_opts] : []),
    ...(args.owner === undefined ? [] : [`--owner=${args.owner}`]),
    ...(args.group === undefined ? [] : [`--group=${args.group}`]),
    ...(args.keep_newer ? ['--keep-newer-files'] : []),
    ...exclude.map((name) => `--exclude=${name}`),
  ];
  const zip = [...args.include, ...(exclude.length > 0 ? ['-x', ...exclude] : [])];
  // Not GNU's: options of its own would be strange to it.
  const plain = [...args.extra_opts, ...exclude.map((name) => `--exclude=${name}`)];
  return sh`
z_words() { if [ "$m_gnu" ]; then "$@" ${tar} -f "$m_src" ${args.include}; else "$@" ${plain} -f "$m_src" ${args.include}; fi; }
z_words_zip() { "$@" ${zip}; }`;
}

function mainStep(args: Args, src: string): Sh {
  return lines(opening(args), sh`z_source ${src}; z_main`);
}

function unarchiveResult(reply: StepReply, args: Args, context: { diff: boolean }): TaskResult {
  const { fields } = reply;
  const result: TaskResult = replyFacts(reply);
  if (reply.status === 'skipped') return { ...result, skipped: true, msg: fields.msg };
  for (const key of ['dest', 'src', 'handler'] as const) if (fields[key] !== undefined) result[key] = fields[key];
  if (fields.rc !== undefined)
    result.extract_results = { rc: Number(fields.rc), out: fields.out ?? '', err: fields.err ?? '' };
  if (reply.status === 'failed' || reply.status === 'unknown') return result;
  Object.assign(result, pathFacts(reply));
  if (args.list_files) result.files = (fields.files ?? '').split('\n').filter((name) => name !== '');
  if (context.diff && fields.differs) result.diff = { prepared: `${fields.differs}\n` };
  return result;
}
