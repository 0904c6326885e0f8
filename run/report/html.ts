import type { HostStats } from '../events.ts';
import { diffLineKind } from './diff-text.ts';
import { type Entry, entriesOf } from './entries.ts';
import { escaped } from './escape.ts';
import { PAGE_STYLE } from './html-style.ts';
import { placeText } from './place.ts';
import { type LoggedPlay, type LoggedTask, RunLog } from './run-log.ts';

const COLUMNS: (keyof HostStats)[] = ['ok', 'changed', 'unreachable', 'failed', 'skipped', 'rescued', 'ignored'];

/** Names of hosts that are shown outright; a click shows the others. */
const NAMES_SHOWN = 12;

/** The run as one page that needs nothing else: no script, no other file, no net. */
export function htmlOf(log: RunLog, cwd: string): string {
  const hosts = log.hosts();
  const bad = Object.values(hosts).filter(({ failed, unreachable }) => failed + unreachable > 0).length;
  const changed = Object.values(hosts).filter((stats) => stats.changed > 0).length;
  const count = Object.keys(hosts).length;
  const verdict =
    bad > 0
      ? `${bad} of ${hostWord(count)} failed`
      : changed > 0
        ? `${changed} of ${hostWord(count)} changed`
        : 'nothing changed';
  const notes = [
    log.started
      .toISOString()
      .replace('T', ' ')
      .replace(/\.\d+Z/, ' UTC'),
    ...(log.seconds === undefined ? [] : [`${log.seconds.toFixed(1)} s`]),
    ...(log.check ? ['check mode: nothing was changed'] : []),
    ...(log.interrupted ? ['the run ended early'] : []),
  ];
  const title = escaped(log.playbooks.map((name) => name.split('/').at(-1)).join(' ') || 'run');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}: ${escaped(verdict)}</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<header>
<h1>${title} <span class="${bad > 0 ? 'failed' : changed > 0 ? 'changed' : 'ok'}">${escaped(verdict)}</span></h1>
<p>${notes.map(escaped).join(' · ')}</p>
</header>
<main>
${recapOf(hosts)}
${log.warnings.length > 0 ? `<ul class="warnings">${log.warnings.map((each) => `<li>${escaped(each)}</li>`).join('')}</ul>` : ''}
<label class="switch"><input type="checkbox" id="all"> also what changed nothing</label>
${log.plays.map((play) => playOf(play, cwd)).join('\n')}
</main>
</body>
</html>
`;
}

function hostWord(count: number): string {
  return count === 1 ? '1 host' : `${count} hosts`;
}

function recapOf(hosts: Record<string, HostStats>): string {
  const head = COLUMNS.map((key) => `<th scope="col">${key}</th>`).join('');
  const rows = Object.entries(hosts).map(([name, stats]) => {
    const cells = COLUMNS.map((key) => `<td class="${stats[key] > 0 ? key : 'zero'}">${stats[key]}</td>`).join('');
    return `<tr><th scope="row">${escaped(name)}</th>${cells}</tr>`;
  });
  return `<div class="recap"><table><thead><tr><th scope="col">host</th>${head}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

function playOf(play: LoggedPlay, cwd: string): string {
  const tasks = play.tasks.map((task) => taskOf(play, task, cwd)).join('\n');
  return `<section><h2>${escaped(play.title)}</h2>\n${tasks}</section>`;
}

function taskOf(play: LoggedPlay, logged: LoggedTask, cwd: string): string {
  const { task } = logged;
  const groups = new Map<string, { hosts: string[]; entries: Entry[] }>();
  for (const [host, events] of RunLog.inOrder(play, logged)) {
    const entries = entriesOf(events, { verbosity: 1, cwd });
    const key = JSON.stringify(entries);
    const group = groups.get(key);
    if (group) group.hosts.push(host);
    else groups.set(key, { hosts: [host], entries });
  }
  const all = [...groups.values()];
  if (all.every(({ entries }) => entries.length === 0)) return '';
  const isQuiet = all.every(({ entries }) => entries.every(({ colour }) => colour === 'ok' || colour === 'skipped'));
  const body = all.flatMap(({ hosts, entries }) => entries.map((entry) => entryOf(hosts, entry))).join('\n');
  const name = `${task.handler ? '<span class="handler">handler</span> ' : ''}${escaped(task.name)}`;
  return `<article${isQuiet ? ' class="quiet"' : ''}><h3>${name} <small>${escaped(task.module)} · ${escaped(placeText(task.place, cwd))}</small></h3>
${body}</article>`;
}

function entryOf(hosts: string[], entry: Entry): string {
  const { word, colour, tail, lines, diff, after, delegatedTo } = entry;
  const to = delegatedTo === undefined ? '' : ` → ${escaped(delegatedTo)}`;
  const said = tail.replace(/^(?:: |\s*=>\s?)/, '').replace(/\s*=>$/, '');
  const head = `<b class="${colour}">${escaped(word)}</b> ${names(hosts)}${to}${said ? ` <span>${escaped(said)}</span>` : ''}${after ? ` <i>${escaped(after.replace('...', ''))}</i>` : ''}`;
  const isBad = colour === 'failed' || colour === 'unreachable';
  const details = lines.length > 0 ? `<pre>${escaped(lines.join('\n'))}</pre>` : '';
  const shown = details && !isBad ? `<details><summary>result</summary>${details}</details>` : details;
  return `<div class="entry">${head}${diff ? diffOf(diff) : ''}${shown}</div>`;
}

function names(hosts: string[]): string {
  const name = (host: string): string => `<code>${escaped(host)}</code>`;
  if (hosts.length <= NAMES_SHOWN) return hosts.map(name).join(' ');
  const rest = hosts.slice(NAMES_SHOWN);
  return `${hosts.slice(0, NAMES_SHOWN).map(name).join(' ')} <details class="more"><summary>and ${rest.length} more</summary>${rest.map(name).join(' ')}</details>`;
}

function diffOf(diff: string): string {
  const lines = diff
    .trimEnd()
    .split('\n')
    .map((line) => `<span class="${diffLineKind(line)}">${escaped(line)}</span>`);
  return `<pre class="diff">${lines.join('\n')}</pre>`;
}
