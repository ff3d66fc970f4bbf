/** The ref everybody holds: remembers who lived at its path, and looks again when they have moved out. */
import type { Refusal } from '../../contracts/failure.ts';
import type { Address } from './address.ts';
import { Asker } from './asker.ts';
import { gone } from './errors.ts';
import type { Kernel } from './kernel.ts';
import type { Message } from './messages.ts';
import type { AskOptions, Ref, SendOptions } from './ref.ts';

export class PathRef<M extends Message> implements Ref<M> {
  readonly path: string;
  readonly #kernel: Kernel;
  #known: Address | null;

  constructor(path: string, kernel: Kernel, known: Address | null = null) {
    this.path = path;
    this.#kernel = kernel;
    this.#known = known;
  }

  get incarnation(): number {
    return this.#find()?.incarnation ?? 0;
  }

  send(message: M, options?: SendOptions): boolean {
    const known = this.#known;
    const address = known !== null && !known.gone ? known : this.#find();
    if (address !== null) return address.deliver(message, options?.priority === 'system');
    this.#kernel.deadLetters.add(this.path, 'gone', message);
    return false;
  }

  ask<R = unknown>(message: M, options: AskOptions): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      const answer = resolve as (reply: unknown) => void;
      const asker = new Asker(message, this.path, options.withinMs, answer, reject, this.#kernel);
      const address = this.#find();
      if (address !== null) {
        address.deliver(asker, false);
        return;
      }
      this.#kernel.deadLetters.add(this.path, 'gone', message);
      asker.fail(gone(this.path));
    });
  }

  callNow<R = unknown>(message: M): R | Refusal {
    const address = this.#find();
    if (address === null) throw gone(this.path);
    return address.callNow(message) as R | Refusal;
  }

  #find(): Address | null {
    if (this.#known === null || this.#known.gone) {
      this.#known = this.#kernel.registry.find(this.path) ?? null;
    }
    return this.#known;
  }
}
