/** The engine with a program on it: brings programs in, cuts batches in two fixed halves, runs segments. */
import { type Blas, type Runner, withBlas } from './blas.ts';
import { createEngine, type Engine, type Segment, type Share, wholeShare } from './engine.ts';
import { Heap } from './heap.ts';
import { Pages } from './pages.ts';
import type { Program, Span } from './program.ts';
import { Shelves } from './shelf.ts';
import { Pair, type StartThread } from './threads/pair.ts';
import { Trial } from './threads/trial.ts';

/** A batch, cut. The cut depends on the number of rows and nothing else, so any number of threads gives the same bits. */
export interface Cut {
  readonly rows: number;
  readonly first: Share;
  /** Null when one row is all there is, or the batch may not be cut. */
  readonly second: Share | null;
  readonly targetsAt: number;
}

interface Width {
  readonly inputs: number;
  readonly outputs: number;
}

/** Who helps the engine. Neither changes a cut, and a second thread changes no bit. */
export interface Helpers {
  /** Starts a thread for second halves. */
  readonly second: StartThread | null;
  /** With a clock the second thread is used only while it helps; without, always. Monotonic milliseconds with fractions. */
  readonly nowMs: (() => number) | null;
  readonly blas: Blas | null;
  /** Hears how many bytes the engine will have, before it grows; 0 at the end. @throws NN_OUT_OF_MEMORY */
  readonly claim?: ((bytes: number) => void) | undefined;
}

/** Multiply-adds of a pass from which on a second thread is worth a word: some tens of microseconds. */
const WORTH_SHARING = 600_000;
/** Weights of an update or of a copy, likewise. */
const WEIGHTS_WORTH_SHARING = 20_000;
/** Weights of a copy that takes about a millisecond. */
const WEIGHTS_WORTH_WAKING = 4_000_000;

export class Stage {
  readonly engine: Engine;
  readonly pages: Pages;
  readonly shelves: Shelves;
  readonly #heap: Heap;
  readonly #runner: Runner;
  readonly #pair: Pair;
  readonly #second: StartThread | null;
  readonly #trial: Trial | null;
  readonly #updateTrial: Trial | null;
  readonly #claim: (bytes: number) => void;
  #program: Program | null = null;

  constructor({ second, nowMs, blas, claim = () => {} }: Helpers) {
    this.#claim = claim;
    const shares = second !== null && blas === null;
    this.engine = createEngine({ bytes: 65_536, shared: shares });
    this.#runner = blas === null ? this.engine : withBlas(this.engine, blas);
    this.#pair = new Pair(this.engine);
    this.#second = shares ? second : null;
    const trial = () => (shares && nowMs !== null ? new Trial(nowMs) : null);
    this.#trial = trial();
    this.#updateTrial = trial();
    this.#heap = new Heap(this.engine, claim);
    this.pages = new Pages(this.engine, this.#heap);
    this.shelves = new Shelves(this.engine, this.#heap);
  }

  /** Passes that two threads shared, and those that this one did by itself though it has a second one. */
  get tally(): Pair['tally'] {
    return this.#pair.tally;
  }

  /** Lets the second thread go, and the memory be taken back. Pages that are held still move out. */
  dispose(): void {
    void this.#pair.dismiss();
    this.#claim(0);
    this.pages.evacuate();
  }

  /** Makes `program` the one in the working memory, with room for a batch of `rows`. */
  bring(program: Program, rows: number, { inputs, outputs }: Width): void {
    this.#heap.raise(program.inputsAt + 4 * rows * (inputs + outputs) + 256);
    if (this.#program === program) return;
    this.engine.load(program.wordsAt, program.words);
    this.#program = program;
  }

  runWhole(segment: Segment): void {
    if (segment.begin < segment.end) this.engine.run(segment, wholeShare);
  }

  /** Both halves of a pass. @param work its multiply-adds */
  runPass(segment: Segment, { first, second }: Cut, work: number): void {
    if (second === null) {
      this.#runner.run(segment, first);
      return;
    }
    const alone = () => {
      this.#runner.run(segment, first);
      this.#runner.run(segment, second);
    };
    const together = () => this.#pair.run({ segment, share: first }, { segment, share: second });
    this.#share(work >= WORTH_SHARING, this.#trial, alone, together);
  }

  /**
   * Both halves of an update.
   * @param count weights of both
   * @throws NN_THREAD_LOST with some weights written and others not: whoever goes on must go back first
   */
  runUpdate(first: Segment, second: Segment, count: number): void {
    this.#runHalves(first, second, wholeShare, count >= WEIGHTS_WORTH_SHARING, this.#updateTrial);
  }

  /**
   * Both halves of a copy of `count` numbers to address `at`. It comes too seldom to be tried out: only for
   * a large one a second thread is woken.
   * @throws NN_THREAD_LOST with half a copy, or less
   */
  runStore(first: Segment, second: Segment, count: number, at: number): void {
    const worthwhile = count >= WEIGHTS_WORTH_WAKING || (count >= WEIGHTS_WORTH_SHARING && this.#pair.ready);
    this.#runHalves(first, second, { ...wholeShare, targets: at }, worthwhile, null);
  }

  #runHalves(first: Segment, second: Segment, share: Share, worthwhile: boolean, trial: Trial | null): void {
    const alone = () => {
      this.engine.run(first, share);
      this.engine.run(second, share);
    };
    const together = () => this.#pair.run({ segment: first, share }, { segment: second, share });
    this.#share(worthwhile, trial, alone, together);
  }

  #share(worthwhile: boolean, trial: Trial | null, alone: () => void, together: () => void): void {
    if (this.#second === null || !worthwhile) {
      alone();
      return;
    }
    if (this.#pair.threads === 1 && this.#pair.lost === null) this.#pair.hire(this.#second);
    if (trial === null) together();
    else trial.run(alone, together);
  }
}

export const segmentOf = ({ wordsAt }: Program, { from, to }: Span): Segment => ({
  begin: wordsAt + 4 * from,
  end: wordsAt + 4 * to,
});

/** @param whole the batch may not be cut @param rowBytes of the inputs of a row */
export function cut(
  program: Program,
  rows: number,
  { inputs, outputs }: Width,
  whole: boolean,
  rowBytes = 4 * inputs,
): Cut {
  const middle = whole ? rows : Math.ceil(rows / 2);
  const targetsAt = program.inputsAt + 4 * rows * inputs;
  const share = (from: number, to: number, half: 0 | 1): Share => ({
    first: from,
    rows: to - from,
    micro: whole ? rows : microOf(to - from, program.rows),
    half: program.halves[half],
    scratch: program.scratch[half],
    inputs: program.inputsAt,
    inputBytes: rowBytes,
    targets: targetsAt,
    targetBytes: 4 * outputs,
  });
  return {
    rows,
    first: share(0, middle, 0),
    second: middle === rows ? null : share(middle, rows, 1),
    targetsAt,
  };
}

/** As few micro-batches as the program allows, all but the last of one size. */
function microOf(rows: number, most: number): number {
  const even = Math.ceil(rows / Math.ceil(rows / most));
  return Math.min(most, Math.ceil(even / 4) * 4);
}
