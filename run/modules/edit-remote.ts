import { Readable } from 'node:stream';
import { lines, raw, type Sh, sh } from '../shell/script.ts';
import type { ActionHost, StepReply } from '../task.ts';
import { fitsScript } from './content.ts';

/*
 * A file of the host edited on the controller: read by one visit, written by a second that first makes sure that the
 * file is still what was read.
 */

export interface RemoteText {
  /** Where the file is in the end, links followed. */
  reply: StepReply;
  /** Its bytes, one character each. */
  text: string;
}

/**
 * Reads a file by a step that ends with `m_old` set (a path whose content it is) or earlier, as failed or done.
 * @returns undefined for `text` when the step ended early
 */
export async function readRemote(
  host: ActionHost,
  opening: Sh,
): Promise<RemoteText | { reply: StepReply; text: undefined }> {
  const reply = await host.run(
    lines(
      opening,
      raw(`
ll_ret_bytes content "$m_old"
if [ "$m_old" != /dev/null ]; then ll_hash sha1 "$m_dest"; ll_ret sum "$ll_sum"; fi`),
    ),
  );
  const { content } = reply.fields;
  if (content === undefined || reply.status === 'failed') return { reply, text: undefined };
  return { reply, text: Buffer.from(content, 'base64').toString('latin1') };
}

/**
 * The edited text back to the host.
 * @param opening as for `readRemote`; @param closing runs with `m_new` set to the new content
 */
export async function writeRemote(
  host: ActionHost,
  opening: Sh,
  before: StepReply,
  text: string,
  closing: Sh,
): Promise<StepReply> {
  const bytes = Buffer.from(text, 'latin1');
  const inline = fitsScript(bytes);
  let path = '';
  if (!inline) {
    const asked = await host.run(raw('ll_upload_path; ll_ret upload "$ll_path"'), { readOnly: true });
    path = asked.fields.upload!;
    await host.upload(Readable.from([bytes], { objectMode: false }), path);
  }
  const reply = await host.run(
    lines(
      opening,
      before.fields.sum === undefined
        ? raw(`[ "$m_old" = /dev/null ] || ll_fail "$m_dest was made while it was edited; it is left as it is"`)
        : sh`ll_hash sha1 "$m_dest"; [ "$ll_sum" = ${before.fields.sum} ] || ll_fail "$m_dest changed while it was edited; it is left as it is"`,
      inline ? sh`ll_temp; m_new=$ll_tmp; printf %s ${bytes.toString('utf8')} >"$m_new"` : sh`m_new=${path}`,
      closing,
    ),
  );
  if (path !== '') await host.run(sh`rm -f ${path}`, { readOnly: true });
  return reply;
}
