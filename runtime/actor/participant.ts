/** A cell's part in the rollback of its group: copies its state, puts it back, holds its mail. */
import type { RollbackParticipant } from './checkpoints.ts';
import type { Letter } from './letter.ts';
import type { Lifecycle, Message } from './messages.ts';
import type { GroupMember } from './overseer.ts';
import type { Turns } from './turns.ts';

/** The cell that takes part. */
export interface Participating {
  readonly path: string;
  readonly incarnation: number;
  readonly lifecycle: Lifecycle;
  readonly alive: boolean;
  readonly loop: Turns;
  interrupt(handlerToo: boolean): void;
  tellSystem(message: Message): void;
}

export class Participant implements GroupMember {
  readonly #cell: Participating;
  readonly #promise: RollbackParticipant<unknown>;

  constructor(cell: Participating, promise: RollbackParticipant<unknown>) {
    this.#cell = cell;
    this.#promise = promise;
  }

  get path(): string {
    return this.#cell.path;
  }
  get incarnation(): number {
    return this.#cell.incarnation;
  }
  get alive(): boolean {
    return this.#cell.alive;
  }
  get handling(): Promise<void> | null {
    return this.#cell.loop.handling;
  }

  interrupt(handlerToo: boolean): void {
    this.#cell.interrupt(handlerToo);
  }

  capture(): unknown {
    return this.#promise.capture(this.#cell.loop.state);
  }

  restore(saved: unknown): void {
    const { loop } = this.#cell;
    loop.state = this.#promise.restore(loop.state, saved);
  }

  release(saved: unknown): void {
    this.#promise.release(saved);
  }

  digest(saved: unknown): string | undefined {
    return this.#promise.digest?.(saved);
  }

  hold(): void {
    this.#cell.loop.suspend();
  }

  letGo(): void {
    if (this.#cell.lifecycle === 'ready') this.#cell.loop.resume();
  }

  mailFrom(senders: ReadonlySet<string>): readonly Letter[] {
    return this.#cell.loop.inbox.mailFrom(senders);
  }

  remail(senders: ReadonlySet<string>, letters: readonly Letter[]): void {
    this.#cell.loop.inbox.remail(senders, letters);
  }

  tellSystem(message: Message): void {
    this.#cell.tellSystem(message);
  }
}
