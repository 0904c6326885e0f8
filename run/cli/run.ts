import { resolve } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { type Config, readConfig } from '../config.ts';
import type { Place } from '../errors.ts';
import type { RunEvent } from '../events.ts';
import { runPlaybooks } from '../execute/run.ts';
import type { ListRequest, RunOptions } from '../options.ts';
import { listPlaybooks } from '../plan/list.ts';
import { htmlOf } from '../report/html.ts';
import { JsonLines } from '../report/json-lines.ts';
import { junitOf } from '../report/junit.ts';
import { LogFile } from '../report/log-file.ts';
import { placeText } from '../report/place.ts';
import { Redactor } from '../report/redact.ts';
import type { Report } from '../report/report.ts';
import { ReportFile } from '../report/report-file.ts';
import { Screen } from '../report/screen.ts';
import { painter, wantsColour } from '../report/style.ts';
import { TextReport } from '../report/text.ts';
import type { Arguments } from './arguments.ts';
import { ask } from './ask.ts';
import { interruptible } from './interrupt.ts';
import type { Io } from './io.ts';
import { runOptions } from './options.ts';
import { tellError } from './tell-error.ts';

/** A run about to be carried out: everything is read and asked for. */
export interface ReadyRun {
  options: RunOptions;
  /** Runs with the reports that were asked for. */
  carryOut(options: RunOptions): Promise<number>;
  /** Runs without any report; events come with secrets masked. */
  listen(options: RunOptions, see: (event: RunEvent) => void): Promise<number>;
  /** Prints a text, secrets masked. */
  print(text: string): void;
  warn(message: string, place?: Place): void;
}

/** Carries out a run or a listing, or what `use` makes of it, and returns the exit code; every error is told here. */
export async function run(args: Arguments, io: Io, use = asAsked): Promise<number> {
  const redactor = new Redactor();
  const screen = new Screen(io, io.env);
  let config: Config | undefined;
  try {
    const known = readConfig({ cwd: io.cwd(), env: io.env });
    config = known;
    tellNotes(known, args, screen);
    const options = await runOptions(args, {
      io,
      config: known,
      secret: (text) => redactor.add(text),
      ask: (question) => screen.without(() => ask(io, question)),
    });
    return await use(
      {
        options,
        carryOut: (final) => runAndReport(final, reports(args, io, screen, known), redactor, screen, io),
        listen: (final, see) =>
          interruptible(io, (signal) => runPlaybooks(final, (event) => see(redactor.event(event)), signal)),
        print: (text) => screen.print(redactor.text(text)),
        warn: (message, place) =>
          screen.tell(redactor.text(`[WARNING]: ${message}${place ? ` (${placeText(place, io.cwd())})` : ''}\n`)),
      },
      args,
    );
  } catch (error) {
    const style = { cwd: io.cwd(), paint: painter(coloured(args, io, config, io.stderr)), verbosity: args.verbosity };
    return tellError(error, style, (text) => screen.tell(redactor.text(text)));
  }
}

async function asAsked({ options, carryOut, print, warn }: ReadyRun, args: Arguments): Promise<number> {
  const list = listRequest(args);
  if (!list) return carryOut(options);
  print(await listPlaybooks(options, list, warn));
  return 0;
}

/**
 * With this many hosts the heap is swept whenever it has grown by 40 %. By itself V8 lets it grow fourfold, and with thousands
 * of hosts nearly all of it is garbage; with few hosts and a large file the sweeping would cost as much as the copy.
 */
const MANY_HOSTS = 200;
const SWEEP_OFTEN = '--heap-growing-percent=40';

async function runAndReport(options: RunOptions, to: Report[], redactor: Redactor, screen: Screen, io: Io) {
  const emit = (event: RunEvent) => {
    if (event.event === 'play-start' && event.hosts.length >= MANY_HOSTS) setFlagsFromString(SWEEP_OFTEN);
    const masked = redactor.event(event);
    for (const report of to) report.see(masked);
  };
  try {
    return await interruptible(io, (signal) => runPlaybooks(options, emit, signal));
  } finally {
    screen.stop();
    for (const report of to) report.close();
  }
}

/** What goes to the screen, and into files: those of --junit and --html, and the log that ansible.cfg asks for. */
function reports(args: Arguments, io: Io, screen: Screen, config: Config): Report[] {
  const cwd = io.cwd();
  const files: Report[] = [];
  if (args.junit !== undefined) files.push(new ReportFile(resolve(cwd, args.junit), (log) => junitOf(log, cwd)));
  if (args.html !== undefined) files.push(new ReportFile(resolve(cwd, args.html), (log) => htmlOf(log, cwd)));
  if (config.logPath !== undefined) files.push(new LogFile(config.logPath, { cwd, verbosity: args.verbosity }));
  return [args.json ? jsonReport(args, io, screen) : textReport(args, io, screen, config), ...files];
}

function jsonReport({ verbosity }: Arguments, io: Io, screen: Screen): Report {
  return new JsonLines({
    write: (text) => screen.print(text),
    tell: (text) => screen.tell(text),
    cwd: io.cwd(),
    verbosity,
  });
}

function textReport(args: Arguments, io: Io, screen: Screen, config: Config): Report {
  const report = new TextReport({
    print: (text) => screen.print(text),
    tell: (text) => screen.tell(text),
    paint: painter(coloured(args, io, config, io.stdout)),
    columns: () => screen.columns,
    verbosity: args.verbosity,
    cwd: io.cwd(),
    now: () => performance.now(),
  });
  screen.start(
    () => report.status(),
    () => report.explainSilence(),
  );
  return report;
}

function coloured(args: Arguments, io: Io, config: Config | undefined, stream: { isTTY?: boolean }): boolean {
  const asked = !args.color || config?.noColor === true ? false : config?.forceColor;
  return wantsColour({ asked, env: io.env, isTTY: stream.isTTY === true });
}

/** What ansible.cfg says that means nothing here is told with -v, what a person should know always. */
function tellNotes({ file, notes, warnings, stdoutCallback }: Config, { verbosity }: Arguments, screen: Screen): void {
  for (const warning of warnings) screen.tell(`[WARNING]: ${warning}\n`);
  if (stdoutCallback !== undefined && !['default', 'yaml', 'community.general.yaml'].includes(stdoutCallback))
    screen.tell(`[WARNING]: the stdout callback "${stdoutCallback}" is not here; --json is for programs\n`);
  if (verbosity === 0) return;
  if (file !== undefined) screen.tell(`Using ${file}\n`);
  for (const note of notes) screen.tell(`${note}\n`);
}

function listRequest(args: Arguments): ListRequest | undefined {
  const request = { hosts: args.listHosts, tasks: args.listTasks, tags: args.listTags, syntax: args.syntaxCheck };
  return Object.values(request).some(Boolean) ? request : undefined;
}
