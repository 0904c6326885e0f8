import { closeSync, openSync, writeSync } from 'node:fs';
import { LamplighterError } from '../errors.ts';
import type { RunEvent } from '../events.ts';
import type { Report } from './report.ts';
import { RunLog } from './run-log.ts';

/** A report that is written into a file when the run ends (`--junit`, `--html`), for its owner alone to read. */
export class ReportFile implements Report {
  private readonly file: number;
  private readonly log = new RunLog();
  private readonly render: (log: RunLog) => string;

  /** Opens the file at once: a path that cannot be written ends the run before it begins. @throws LamplighterError FILE_UNREADABLE */
  constructor(path: string, render: (log: RunLog) => string) {
    this.render = render;
    try {
      this.file = openSync(path, 'w', 0o600);
    } catch (error) {
      throw new LamplighterError('FILE_UNREADABLE', `cannot write the report ${path}`, {
        hint: 'Is the directory there, and may you write into it?',
        cause: error,
      });
    }
  }

  see(event: RunEvent): void {
    this.log.see(event);
  }

  close(): void {
    writeSync(this.file, this.render(this.log));
    closeSync(this.file);
  }
}
