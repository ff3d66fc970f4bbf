/** Children on demand: light cells that come and go by id, each with its own patience for crashes. */
import { EsperError } from '../../contracts/failure.ts';
import type { ActorDefinition, AnyDefinition, DynamicChild, DynamicOptions } from '../actor/behaviour.ts';
import { type Birth, ignore } from '../actor/birth.ts';
import { Cell } from '../actor/cell.ts';
import type { Terms } from '../actor/cell-seed.ts';
import type { Checkpoints, RollbackOutcome } from '../actor/checkpoints.ts';
import { asError } from '../actor/errors.ts';
import type { Brood, Kernel } from '../actor/kernel.ts';
import { type Message, normal, type Restart, type StopReason } from '../actor/messages.ts';
import type { Child, Overseer, Patience } from '../actor/overseer.ts';
import type { Ref } from '../actor/ref.ts';
import type { TreeNode } from '../actor/tree-node.ts';
import { andThen, inOrder, isPromise, type Maybe } from '../maybe.ts';
import { noGroup } from './errors.ts';
import { RestartLimit } from './restart-limit.ts';
import type { Backoff, Shutdown } from './spec.ts';
import { shouldRestart } from './strategy.ts';

/** Unless the options say otherwise. */
const DEFAULTS = {
  intensity: 3,
  periodMs: 60_000,
  maxChildren: 100_000,
  shutdown: { withinMs: 5_000 },
  backoff: null,
} as const;

type Options = Required<Omit<DynamicOptions, 'onGiveUp' | 'backoff'>> & {
  readonly backoff: Backoff | null;
  readonly onGiveUp?: DynamicOptions['onGiveUp'];
};

/** What happened to one that fell, and the pause it is in. */
interface Recovery {
  readonly limit: RestartLimit;
  cancel: (() => void) | null;
}

export class Nursery implements Brood, Overseer {
  readonly #kernel: Kernel;
  readonly #path: string;
  readonly #options: Options;
  readonly #failed: (error: Error) => void;
  readonly #placed = new Map<string, Cell>();
  /** Of those that fell: most never do. */
  readonly #recoveries = new Map<Cell, Recovery>();
  /** Those that end with their parent, and have not ended yet. */
  readonly #leaving = new Set<Cell>();
  #falls: { readonly child: Child; readonly reason: StopReason }[] = [];
  #working = false;
  /** Of the child started last: most have the same. */
  #terms: Terms | null = null;

  /**
   * @param path the parent's: children live right below it
   * @param failed crashes the parent
   */
  constructor(kernel: Kernel, path: string, options: DynamicOptions, failed: (error: Error) => void) {
    this.#kernel = kernel;
    this.#failed = failed;
    this.#path = path;
    this.#options = { ...DEFAULTS, ...options };
  }

  start<S, M extends Message, E, A>(
    definition: ActorDefinition<S, M, E, A>,
    { id, args, restart = 'permanent', shutdown = this.#options.shutdown }: DynamicChild<A>,
  ): Ref<M> {
    this.#admit(definition.name, id, definition.light === true);
    const path = `${this.#path}/${id}`;
    const terms = this.#termsOf(definition as unknown as AnyDefinition, restart, shutdown);
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

  /** Called again without patience, it kills whoever has not ended yet. */
  end(why: string, patience: Patience): Maybe<void> {
    const all = [...this.#leaving, ...[...this.#placed.values()].toReversed()];
    for (const cell of all) this.#forget(cell);
    const reason: StopReason = { kind: 'shutdown', why };
    return inOrder(all, (cell) => {
      this.#leaving.add(cell);
      const within = patience === null ? null : cell.terms.patience;
      return andThen(cell.stop(reason, within), () => void this.#leaving.delete(cell));
    });
  }

  snapshot(): readonly TreeNode[] {
    return [...this.#placed.values()].map((cell) => cell.snapshot());
  }

  /** A start that fails at once is one more fall: a loop, so that no number of tries is too deep. */
  #ended(child: Child, reason: StopReason): void {
    this.#falls.push({ child, reason });
    if (this.#working) return;
    this.#working = true;
    try {
      for (let fall = this.#falls.shift(); fall !== undefined; fall = this.#falls.shift())
        this.#deal(fall.child, fall.reason);
    } finally {
      this.#working = false;
    }
  }

  /** Restarts in place for as long as the child's own limit allows. */
  #deal(child: Child, reason: StopReason): void {
    const cell = this.#placed.get(child.path.slice(this.#path.length + 1));
    if (cell === undefined || cell !== child) return;
    if (!shouldRestart(cell.restart, reason)) {
      this.#remove(cell, reason);
      return;
    }
    const recovery = this.#recoveryOf(cell);
    const pauseMs = recovery.limit.next(this.#options);
    if (pauseMs === null) {
      this.#giveUp(cell, reason);
      return;
    }
    const { clock, metrics } = this.#kernel;
    metrics.count('esper_restarts_total', 1, { supervisor: 'dynamic', child: 'dynamic' });
    void andThen(cell.retire(reason, cell.terms.patience), () => {
      if (this.#placed.get(cell.id) !== cell) return;
      if (pauseMs === 0) this.#startAgain(cell);
      else recovery.cancel = clock.after(pauseMs, () => this.#startAgain(cell));
    });
  }

  #recoveryOf(cell: Cell): Recovery {
    const known = this.#recoveries.get(cell);
    if (known !== undefined) return known;
    const made = { limit: new RestartLimit(this.#kernel, cell.path), cancel: null };
    this.#recoveries.set(cell, made);
    return made;
  }

  #startAgain(cell: Cell): void {
    try {
      this.#begin(cell);
    } catch (thrown) {
      this.#ended(cell, { kind: 'crashed', error: asError(thrown) });
    }
  }

  /** A durable child reads its events first, and its messages wait for it. One that does not want to run is gone. */
  #begin(cell: Cell): void {
    const started = cell.start();
    const born = (birth: Birth) => {
      if (birth === ignore && this.#placed.get(cell.id) === cell) this.#remove(cell, normal);
    };
    if (!isPromise(started)) {
      born(started);
      return;
    }
    if (cell.definition.durable === undefined) refuseLater(cell, started);
    started.then(born, (thrown) => this.#ended(cell, { kind: 'crashed', error: asError(thrown) }));
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
    try {
      this.#options.onGiveUp?.(cell.id, error);
    } catch (thrown) {
      this.#failed(asError(thrown));
    }
  }

  #remove(cell: Cell, reason: StopReason): void {
    this.#forget(cell);
    void cell.stop(reason, cell.terms.patience);
  }

  #forget(cell: Cell): void {
    if (this.#placed.get(cell.id) === cell) this.#placed.delete(cell.id);
    if (this.#recoveries.size === 0) return;
    this.#recoveries.get(cell)?.cancel?.();
    this.#recoveries.delete(cell);
  }

  #termsOf(definition: AnyDefinition, restart: Restart, shutdown: Shutdown): Terms {
    const patience = shutdown === 'brutal_kill' ? null : shutdown.withinMs;
    const known = this.#terms;
    if (known?.definition !== definition || known.restart !== restart || known.patience !== patience) {
      const startWithinMs = Number.POSITIVE_INFINITY;
      this.#terms = { definition, restart, patience, startWithinMs, register: null };
    }
    return this.#terms as Terms;
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
