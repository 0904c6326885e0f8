const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const CLEAR_LINE = '\r\u001b[K';

/** The streams of the process; a terminal has columns. */
export interface Streams {
  stdout: NodeJS.WritableStream & { isTTY?: boolean; columns?: number };
  stderr: NodeJS.WritableStream & { isTTY?: boolean };
}

/** Lines that stay and, on a terminal, one below them that moves. */
export class Screen {
  private readonly streams: Streams;
  private readonly live: boolean;
  private status: (() => string | undefined) | undefined;
  private timer: NodeJS.Timeout | undefined;
  private frame = 0;
  private drawn = false;

  constructor(streams: Streams, env: NodeJS.ProcessEnv) {
    this.streams = streams;
    // Who wants no colours may not want a line that redraws itself either: screen readers, logs of terminals.
    this.live = streams.stdout.isTTY === true && env.TERM !== 'dumb' && !env.NO_COLOR;
  }

  get columns(): number {
    return (this.streams.stdout.isTTY && this.streams.stdout.columns) || 80;
  }

  /** Begins to show a line at the bottom of a terminal; elsewhere calls `tick` once a second in its place. */
  start(status: () => string | undefined, tick: () => void): void {
    this.status = this.live ? status : undefined;
    this.timer = setInterval(
      () => {
        this.frame++;
        if (this.live) this.draw();
        else tick();
      },
      this.live ? 100 : 1000,
    );
    this.timer.unref();
  }

  /** Takes the moving line away for good. */
  stop(): void {
    clearInterval(this.timer);
    this.clear();
    this.status = undefined;
  }

  /** Takes the moving line away while someone else has the terminal. */
  async without<T>(work: () => Promise<T>): Promise<T> {
    const { status } = this;
    this.clear();
    this.status = undefined;
    try {
      return await work();
    } finally {
      this.status = status;
    }
  }

  print(text: string): void {
    this.clear();
    this.streams.stdout.write(text);
  }

  tell(text: string): void {
    if (this.streams.stderr.isTTY) this.clear();
    this.streams.stderr.write(text);
  }

  private draw(): void {
    const text = this.status?.();
    this.clear();
    if (text === undefined) return;
    this.streams.stdout.write(`${FRAMES[this.frame % FRAMES.length]} ${text}`);
    this.drawn = true;
  }

  private clear(): void {
    if (this.drawn) this.streams.stdout.write(CLEAR_LINE);
    this.drawn = false;
  }
}
