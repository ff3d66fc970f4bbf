/** Who wants to know when this incarnation ends. Told once. */
import type { Down, StopReason } from './messages.ts';

export class Watchers {
  #waiting: Map<object, (down: Down) => void> | null = null;

  add(watcher: object, tell: (down: Down) => void): void {
    this.#waiting ??= new Map();
    this.#waiting.set(watcher, tell);
  }

  remove(watcher: object): void {
    this.#waiting?.delete(watcher);
  }

  tellAll(path: string, incarnation: number, reason: StopReason): void {
    const waiting = this.#waiting;
    if (waiting === null) return;
    this.#waiting = null;
    for (const tell of waiting.values()) tell({ type: 'runtime.down', path, incarnation, reason });
  }
}
