import type { Message } from './end.ts';

type Test = (message: Message) => boolean;

/** What has come in at one end, and waiting for what has not. */
export class Inbox {
  readonly messages: Message[] = [];
  readonly #watchers = new Set<(message: Message) => void>();

  /** Give this to `MqttEnd.subscribe`. */
  readonly accept = (message: Message): void => {
    this.messages.push(message);
    for (const watcher of [...this.#watchers]) watcher(message);
  };

  matching(test: Test): Message[] {
    return this.messages.filter(test);
  }

  /** The first message that passes the test, now or within the time; undefined when there was none. */
  first(test: Test, milliseconds: number): Promise<Message | undefined> {
    const there = this.messages.find(test);
    if (there !== undefined || milliseconds <= 0) return Promise.resolve(there);
    return new Promise((resolve) => {
      const finish = (message: Message | undefined) => {
        clearTimeout(timer);
        this.#watchers.delete(watcher);
        resolve(message);
      };
      const watcher = (message: Message) => {
        if (test(message)) finish(message);
      };
      const timer = setTimeout(() => finish(undefined), milliseconds);
      this.#watchers.add(watcher);
    });
  }
}
