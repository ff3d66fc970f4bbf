/** Children on demand: light cells that come and go by id, each with its own patience for crashes. */
import { EsperError } from '../../contracts/failure.ts';
import type { ActorDefinition, AnyDefinition, DynamicChild, DynamicOptions } from '../actor/behaviour.ts';
import { Cell } from '../actor/cell.ts';
import type { Terms } from '../actor/cell-seed.ts';
import type { Checkpoints, RollbackOutcome } from '../actor/checkpoints.ts';
import { asError } from '../actor/errors.ts';
import type { Brood, Kernel } from '../actor/kernel.ts';
import type { Message, Restart, StopReason } from '../actor/messages.ts';
import type { Child, Overseer, Patience } from '../actor/overseer.ts';
import type { Ref } from '../actor/ref.ts';
import type { TreeNode } from '../actor/tree-node.ts';
import { andThen, inOrder, isPromise, type Maybe } from '../maybe.ts';
import { noGroup } from './errors.ts';
import { addRestart } from './intensity.ts';
import { shouldRestart } from './strategy.ts';

/** Milliseconds a dynamic child may take to stop. */
const PATIENCE_MS = 5_000;
export class Nursery implements Brood, Overseer {
  readonly #kernel: Kernel;
  readonly #path: string;
  readonly #options: Required<Omit<DynamicOptions, 'onGiveUp'>> & Pick<DynamicOptions, 'onGiveUp'>;
  readonly #placed = new Map<string, Cell>();
  /** When those that fell came back: most never do. */
  readonly #restarts = new Map<Child, readonly number[]>();
  /** Of the child started last: most have the same. */
  #terms: Terms | null = null;

  /** @param path the parent's: children live right below it */
  constructor(kernel: Kernel, path: string, options: DynamicOptions) {
    this.#kernel = kernel;
    this.#path = path;
    this.#options = { intensity: 3, periodMs: 60_000, maxChildren: 100_000, ...options };
  }

  start<S, M extends Message, E, A>(
    definition: ActorDefinition<S, M, E, A>,
    { id, args, restart = 'permanent' }: DynamicChild<A>,
  ): Ref<M> {
    this.#admit(definition.name, id, definition.light === true);
    const path = `${this.#path}/${id}`;
    const terms = this.#termsOf(definition as unknown as AnyDefinition, restart);
    const cell = new Cell(this.#kernel, { id, path, args, terms, livesBefore: 0 }, this);
    this.#placed.set(id, cell);
    try {
      this.#begin(cell);
    } catch (thrown) {
      this.#remove(cell, { kind: 'crashed', error: asError(thrown) });
      throw thrown;
    }
    return cell.ref as unknown as Ref<M>;
  }

  stop(id: string, reason = 'its parent said so'): void {
    const cell = this.#placed.get(id);
    if (cell !== undefined) this.#remove(cell, { kind: 'shutdown', why: reason });
  }

  ref<M extends Message = Message>(id: string): Ref<M> | undefined {
    return this.#placed.get(id)?.ref as unknown as Ref<M> | undefined;
  }

  ids(): readonly string[] {
    return [...this.#placed.keys()];
  }

  crashed(child: Child, error: Error): void {
    this.#kernel.log.write('error', 'a child crashed', { actor: child.path, error: error.message });
    this.#ended(child, { kind: 'crashed', error });
  }

  exited(child: Child, reason: StopReason): void {
    this.#ended(child, reason);
  }

  checkpoints(): Checkpoints {
    throw noGroup(this.#path);
  }

  rollback(): RollbackOutcome {
    throw noGroup(this.#path);
  }

  end(why: string, patience: Patience): Maybe<void> {
    const all = [...this.#placed.values()].toReversed();
    this.#placed.clear();
    this.#restarts.clear();
    return inOrder(all, (cell) => cell.stop({ kind: 'shutdown', why }, patience));
  }

  snapshot(): readonly TreeNode[] {
    return [...this.#placed.values()].map((cell) => cell.snapshot());
  }

  /** Restarts in place for as long as the child's own budget lasts. A restart that fails is one more crash. */
  #ended(child: Child, reason: StopReason): void {
    const cell = this.#placed.get(child.path.slice(this.#path.length + 1));
    if (cell === undefined || cell !== child) return;
    if (!shouldRestart(cell.restart, reason)) {
      this.#remove(cell, reason);
      return;
    }
    const before = this.#restarts.get(cell) ?? [];
    const { restarts, exceeded } = addRestart(before, this.#kernel.clock.nowMs(), this.#options);
    this.#restarts.set(cell, restarts);
    if (exceeded) {
      this.#giveUp(cell, reason);
      return;
    }
    this.#kernel.metrics.count('esper_restarts_total', 1, { supervisor: 'dynamic', child: 'dynamic' });
    void andThen(cell.retire(reason, PATIENCE_MS), () => this.#startAgain(cell));
  }

  #startAgain(cell: Cell): void {
    if (this.#placed.get(cell.id) !== cell) return;
    try {
      this.#begin(cell);
    } catch (thrown) {
      this.#ended(cell, { kind: 'crashed', error: asError(thrown) });
    }
  }

  /** A durable child reads its events first, and its messages wait for it. */
  #begin(cell: Cell): void {
    const started = cell.start();
    if (!isPromise(started)) return;
    if (cell.definition.durable === undefined) refuseLater(cell, started);
    started.catch((thrown) => this.#ended(cell, { kind: 'crashed', error: asError(thrown) }));
  }

  #giveUp(cell: Cell, reason: StopReason): void {
    const cause = reason.kind === 'crashed' ? reason.error : undefined;
    const { intensity, periodMs } = this.#options;
    const error = new EsperError(
      'DYNAMIC_GAVE_UP',
      `${cell.path}: more than ${intensity} restarts in ${periodMs} ms`,
      { id: cell.id },
      { cause, hint: 'Read the cause; the parent goes on without this child.' },
    );
    this.#remove(cell, { kind: 'crashed', error });
    this.#kernel.log.write('error', 'a child was given up', { actor: cell.path, error: error.message });
    this.#options.onGiveUp?.(cell.id, error);
  }

  #remove(cell: Cell, reason: StopReason): void {
    this.#placed.delete(cell.id);
    if (this.#restarts.size > 0) this.#restarts.delete(cell);
    void cell.stop(reason, PATIENCE_MS);
  }

  #termsOf(definition: AnyDefinition, restart: Restart): Terms {
    if (this.#terms?.definition !== definition || this.#terms.restart !== restart) {
      const startWithinMs = Number.POSITIVE_INFINITY;
      this.#terms = { definition, restart, patience: PATIENCE_MS, startWithinMs, register: null };
    }
    return this.#terms;
  }

  #admit(name: string, id: string, light: boolean): void {
    const refuse = (code: string, problem: string, hint: string): never => {
      throw new EsperError(code, `${this.#path}: ${problem}`, { id, definition: name }, { hint });
    };
    const { maxChildren } = this.#options;
    if (!light) refuse('DYNAMIC_NOT_LIGHT', `${name} is not light`, 'Set light: true in its definition.');
    if (this.#placed.has(id))
      refuse('DYNAMIC_ID_TAKEN', `${id} lives already`, 'Stop it first, or take another id.');
    if (this.#placed.size >= maxChildren)
      refuse('DYNAMIC_FULL', `${maxChildren} children`, 'Raise maxChildren.');
  }
}

/** @throws DYNAMIC_FRESH_ASYNC */
function refuseLater(cell: Cell, started: Promise<unknown>): never {
  // Whatever it becomes is fenced off when the cell is stopped; a late rejection has been reported by this throw.
  started.catch(() => {});
  throw new EsperError(
    'DYNAMIC_FRESH_ASYNC',
    `${cell.path}: fresh() is not ready at once`,
    { path: cell.path },
    { hint: 'Do the slow part in a job.' },
  );
}
