/** The hands of an actor: everything a handler may do besides deciding. */
import type { RandomStream } from '../../contracts/random-stream.ts';
import type { Ids } from '../ports/ids.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Cx, DynamicOptions, DynamicSupervisor } from './behaviour.ts';
import type { CheckpointId, Checkpoints, RollbackOutcome } from './checkpoints.ts';
import type { Errands } from './errands.ts';
import type { Kernel } from './kernel.ts';
import type { Message } from './messages.ts';
import { PathRef } from './path-ref.ts';
import type { Ref } from './ref.ts';

/** What a cell opens to its own context, and to nobody else. */
export interface CellInside {
  readonly path: string;
  readonly incarnation: number;
  readonly kernel: Kernel;
  readonly ref: Ref<Message>;
  readonly errands: Errands;
  brood(options: DynamicOptions): DynamicSupervisor;
  watch(target: Ref<never>): void;
  checkpoints(): Checkpoints;
  rollback(reason: string, details: unknown, before?: CheckpointId): RollbackOutcome;
  fail(error: Error): void;
  stopAfterThis(): void;
}

/** Log and random stream are made when first asked for: most light cells want neither. */
export class CellContext implements Cx<Message> {
  readonly #cell: CellInside;
  #random: RandomStream | null = null;
  #log: Log | null = null;

  constructor(cell: CellInside) {
    this.#cell = cell;
  }

  get self(): Ref<Message> {
    return this.#cell.ref;
  }
  get path(): string {
    return this.#cell.path;
  }
  get incarnation(): number {
    return this.#cell.incarnation;
  }
  get random(): RandomStream {
    this.#random ??= this.#cell.kernel.random.split(this.#cell.path);
    return this.#random;
  }
  get log(): Log {
    this.#log ??= this.#cell.kernel.log.with({ actor: this.#cell.path });
    return this.#log;
  }
  get metrics(): Metrics {
    return this.#cell.kernel.metrics;
  }
  get ids(): Ids {
    return this.#cell.kernel.ids;
  }
  nowMs(): number {
    return this.#cell.kernel.clock.nowMs();
  }
  ref<T extends Message>(path: string): Ref<T> {
    return new PathRef<T>(path, this.#cell.kernel);
  }
  after(delayMs: number, message: Message): () => void {
    return this.#cell.errands.after(delayMs, message);
  }
  get signal(): AbortSignal {
    return this.#cell.errands.signal;
  }
  soon(message: Message): void {
    this.#cell.errands.soon(message);
  }
  job(name: string, run: (signal: AbortSignal) => Promise<Message>): void {
    this.#cell.errands.job(name, run);
  }
  watch(target: Ref<never>): void {
    this.#cell.watch(target);
  }
  children(options: DynamicOptions = {}): DynamicSupervisor {
    return this.#cell.brood(options);
  }
  checkpoints(): Checkpoints {
    return this.#cell.checkpoints();
  }
  rollback(reason: string, details?: unknown, before?: CheckpointId): RollbackOutcome {
    return this.#cell.rollback(reason, details, before);
  }
  fail(error: Error): void {
    this.#cell.fail(error);
  }
  stop(): void {
    this.#cell.stopAfterThis();
  }
}
