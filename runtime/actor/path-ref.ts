/** The ref everybody holds: remembers who lived at its path, and looks again when they have moved out. */
import type { Refusal } from '../../contracts/failure.ts';
import type { Address } from './address.ts';
import { Asker } from './asker.ts';
import { dueMsOf } from './deadlines.ts';
import { gone, late, noDeadline } from './errors.ts';
import type { Kernel } from './kernel.ts';
import { DirectCall, Letter, type Writing } from './letter.ts';
import type { Message } from './messages.ts';
import type { AskOptions, Ref, SendOptions } from './ref.ts';
import { type Sender, writingOf } from './sender.ts';

export class PathRef<M extends Message> implements Ref<M> {
  readonly path: string;
  readonly #kernel: Kernel;
  readonly #sender: Sender | null;
  /** Nothing goes on a letter unless an option says so. */
  readonly #plain: boolean;
  #known: Address | null;

  /** @param sender whose hand it is in; null when nobody's */
  constructor(path: string, kernel: Kernel, known: Address | null = null, sender: Sender | null = null) {
    this.path = path;
    this.#kernel = kernel;
    this.#known = known;
    this.#sender = sender;
    this.#plain = sender === null && kernel.tracing === null;
  }

  get incarnation(): number {
    return this.#find()?.incarnation ?? 0;
  }

  get epoch(): number {
    return this.#kernel.node.epoch;
  }

  send(message: M, options?: SendOptions): boolean {
    const item = options === undefined && this.#plain ? message : this.#sealed(message, options);
    const known = this.#known;
    const address = known !== null && !known.gone ? known : this.#find();
    if (address !== null) return address.deliver(item, options?.priority === 'system');
    this.#kernel.deadLetters.add(this.path, 'gone', item);
    return false;
  }

  ask<R = unknown>(message: M, options: AskOptions): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      const withinMs = this.#patience(options.withinMs);
      if (withinMs === null) {
        reject(noDeadline(this.path));
        return;
      }
      if (withinMs <= 0 && this.#sender !== null) {
        reject(late(this.path, 0));
        return;
      }
      const answer = resolve as (reply: unknown) => void;
      const bare = this.#plain && options.priority === undefined && options.trace === undefined;
      const writing = bare ? null : this.#writing(message, options);
      const asker = new Asker(
        message,
        this.path,
        withinMs,
        answer,
        reject,
        this.#kernel,
        writing ?? undefined,
      );
      const address = this.#find();
      if (address !== null) {
        address.deliver(asker, false);
        return;
      }
      this.#kernel.deadLetters.add(this.path, 'gone', asker);
      asker.fail(gone(this.path));
    });
  }

  callNow<R = unknown>(message: M): R | Refusal {
    const address = this.#find();
    if (address === null) throw gone(this.path);
    const writing = this.#plain ? null : this.#writing(message);
    const letter = writing === null ? null : new DirectCall(message, writing);
    return address.callNow(message, letter) as R | Refusal;
  }

  #sealed(message: M, options?: SendOptions): Message {
    const writing = this.#writing(message, options);
    return writing === null ? message : new Letter(message, writing);
  }

  #writing(message: M, options?: SendOptions): Writing | null {
    return writingOf(this.#sender, this.#kernel.tracing, this.path, message, options);
  }

  /** Milliseconds left for an answer, null when none can be inherited or the wait would have no end. */
  #patience(asked: number | 'inherit'): number | null {
    const cause = this.#sender?.cause() ?? null;
    if (!(cause instanceof Asker)) return Number.isFinite(asked) ? (asked as number) : null;
    const leftMs = dueMsOf(cause) - this.#kernel.clock.nowMs();
    return asked !== 'inherit' && asked < leftMs ? asked : leftMs;
  }

  #find(): Address | null {
    if (this.#known === null || this.#known.gone) {
      this.#known = this.#kernel.registry.find(this.path) ?? null;
    }
    return this.#known;
  }
}
