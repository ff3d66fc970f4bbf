/** What lives at a path, as seen by those who send to it. */
import type { Item, Letter } from './letter.ts';
import type { Down, Message } from './messages.ts';

export interface Address {
  readonly path: string;
  readonly incarnation: number;
  /** Stopped for good: look the path up again. */
  readonly gone: boolean;
  /** Would a user message find room? Whoever delivers for somebody far away asks first, and waits instead of being refused. */
  readonly roomy?: boolean;
  /** Queues; false when full. An asker that cannot be taken has been answered. */
  deliver(item: Item, system: boolean): boolean;
  /** @param letter around the message, when there is something to know about it */
  callNow(message: Message, letter?: Letter | null): unknown;
  /** Tells `watcher` once when the present incarnation ends; at once when there is none. */
  watchedBy(watcher: object, tell: (down: Down) => void): void;
  unwatchedBy(watcher: object): void;
}
