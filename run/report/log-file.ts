import { closeSync, openSync, writeSync } from 'node:fs';
import { LamplighterError } from '../errors.ts';
import type { RunEvent } from '../events.ts';
import type { Report } from './report.ts';
import { painter } from './style.ts';
import { TextReport } from './text.ts';

const COLUMNS = 120;

/** The text report in a file, appended, each line with its time (`log_path` of ansible.cfg). */
export class LogFile implements Report {
  private readonly file: number;
  private readonly report: TextReport;

  /** @throws LamplighterError FILE_UNREADABLE */
  constructor(path: string, { cwd, verbosity }: { cwd: string; verbosity: number }) {
    try {
      // Results may say more of a host than everybody should read.
      this.file = openSync(path, 'a', 0o600);
    } catch (error) {
      throw new LamplighterError('FILE_UNREADABLE', `cannot write the log file ${path}`, {
        hint: 'log_path in ansible.cfg, or ANSIBLE_LOG_PATH, names it.',
        cause: error,
      });
    }
    const write = (text: string) => this.write(text);
    this.report = new TextReport({
      print: write,
      tell: write,
      paint: painter(false),
      columns: () => COLUMNS,
      verbosity,
      cwd,
      now: () => performance.now(),
    });
  }

  see(event: RunEvent): void {
    this.report.see(event);
  }

  close(): void {
    this.report.close();
    closeSync(this.file);
  }

  private write(text: string): void {
    const time = new Date().toISOString().replace('T', ' ').replace('Z', '');
    const lines = text.split('\n').filter((line) => line !== '');
    writeSync(this.file, lines.map((line) => `${time} p=${process.pid} | ${line}\n`).join(''));
  }
}
