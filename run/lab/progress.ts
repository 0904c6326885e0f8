/** One thing that the lab has to say while it works. */
export interface ProgressEvent {
  text: string;
  /** The host that it is about. */
  host?: string;
  /** Of interest only while it lasts: shown on a terminal, not kept, not logged. */
  passing?: boolean;
}

export type Progress = (event: ProgressEvent) => void;

/** Where progress goes, and how to end it. */
export interface ProgressDisplay {
  report: Progress;
  close(): void;
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** Plain lines, one an event; passing events are dropped. */
export function plainProgress(out: NodeJS.WritableStream): ProgressDisplay {
  return {
    report: ({ host, text, passing }) => {
      if (!passing) out.write(`${host ? `${host}: ` : ''}${text}\n`);
    },
    close: () => {},
  };
}

/** Lines that stay, and below them one that moves: what is under way now, host by host. */
export function liveProgress(out: NodeJS.WritableStream & { columns?: number }): ProgressDisplay {
  const under = new Map<string, string>();
  let frame = 0;
  const clear = () => out.write('\r\u001b[K');
  const draw = () => {
    const text = [...under].map(([host, step]) => (host ? `${host}: ${step}` : step)).join(' · ');
    if (text) out.write(`\r\u001b[K${FRAMES[frame % FRAMES.length]} ${text.slice(0, (out.columns ?? 80) - 3)}`);
  };
  const timer = setInterval(() => {
    frame++;
    draw();
  }, 100);
  timer.unref();
  return {
    report: ({ host, text, passing }) => {
      if (passing) under.set(host ?? '', text);
      else {
        under.delete(host ?? '');
        clear();
        out.write(`${host ? `${host}: ` : ''}${text}\n`);
      }
      draw();
    },
    close: () => {
      clearInterval(timer);
      clear();
    },
  };
}
