import { runPlaybooks } from '../execute/run.ts';
import type { ListRequest } from '../options.ts';
import { listPlaybooks } from '../plan/list.ts';
import { JsonLines } from '../report/json-lines.ts';
import { Redactor } from '../report/redact.ts';
import { Screen } from '../report/screen.ts';
import { type Paint, painter, wantsColour } from '../report/style.ts';
import { TextReport } from '../report/text.ts';
import type { Arguments } from './arguments.ts';
import { ask } from './ask.ts';
import { interruptible } from './interrupt.ts';
import type { Io } from './io.ts';
import { runOptions } from './options.ts';
import { tellError } from './tell-error.ts';

/** Carries out a run or a listing and returns the exit code; every error is told here. */
export async function run(args: Arguments, io: Io): Promise<number> {
  const redactor = new Redactor();
  const paintFor = (stream: { isTTY?: boolean }) =>
    painter(wantsColour({ refused: !args.color, env: io.env, isTTY: stream.isTTY === true }));
  const screen = new Screen(io);
  try {
    const options = await runOptions(args, {
      io,
      secret: (text) => redactor.add(text),
      ask: (question) => screen.without(() => ask(io, question)),
    });
    const list = listRequest(args);
    if (list) {
      const warn = (message: string) => screen.tell(redactor.text(`[WARNING]: ${message}\n`));
      screen.print(redactor.text(await listPlaybooks(options, list, warn)));
      return 0;
    }
    const report = args.json ? jsonReport(args, io, screen) : textReport(args, io, screen, paintFor(io.stdout));
    try {
      return await interruptible(io, (signal) =>
        runPlaybooks(options, (event) => report.see(redactor.event(event)), signal),
      );
    } finally {
      screen.stop();
      report.close();
    }
  } catch (error) {
    screen.stop();
    const style = { cwd: io.cwd(), paint: paintFor(io.stderr), verbosity: args.verbosity };
    return tellError(error, style, (text) => screen.tell(redactor.text(text)));
  }
}

function jsonReport(args: Arguments, io: Io, screen: Screen) {
  const { verbosity } = args;
  return new JsonLines({
    write: (text) => screen.print(text),
    tell: (text) => screen.tell(text),
    cwd: io.cwd(),
    verbosity,
  });
}

function textReport(args: Arguments, io: Io, screen: Screen, paint: Paint) {
  const report = new TextReport({
    print: (text) => screen.print(text),
    tell: (text) => screen.tell(text),
    paint,
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

function listRequest(args: Arguments): ListRequest | undefined {
  const request = { hosts: args.listHosts, tasks: args.listTasks, tags: args.listTags, syntax: args.syntaxCheck };
  return Object.values(request).some(Boolean) ? request : undefined;
}
