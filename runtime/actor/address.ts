/** What lives at a path, as seen by those who send to it. */
import type { Item } from './asker.ts';
import type { Down, Message } from './messages.ts';

export interface Address {
  readonly path: string;
  readonly incarnation: number;
  /** Stopped for good: look the path up again. */
  readonly gone: boolean;
  /** Queues; false when full. An asker that cannot be taken has been answered. */
  deliver(item: Item, system: boolean): boolean;
  callNow(message: Message): unknown;
  /** Tells `watcher` once when the present incarnation ends; at once when there is none. */
  watchedBy(watcher: object, tell: (down: Down) => void): void;
  unwatchedBy(watcher: object): void;
}
