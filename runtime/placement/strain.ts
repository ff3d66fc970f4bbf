/** How hard it is on a node: what its machine and its schedulers of tasks feel, held on to a little so that nothing flaps. */
import type { NodeFacts } from '../../contracts/placement.ts';
import { TaskFeedback } from '../../contracts/task-feedback.ts';
import { checkerOf } from '../checker.ts';
import type { Clock } from '../ports/clock.ts';

/** Hunger in milliseconds, excess and heat, as a node tells them of itself. */
export type Felt = Pick<NodeFacts, 'starvingMs' | 'overcommit' | 'ioHeat'>;

/** Milliseconds. A node whose tasks have waited as long as that asks to be spared. */
export const STARVING_MS = 5_000;
/** And it asks until they wait no longer than that. */
const EASED_MS = STARVING_MS / 2;
/** Milliseconds in which what was felt counts half. What is worse counts at once. */
const HALF_MS = 4_000;
/** Tasks of one label that wait at a time, on average, for its heat to count in full: one that waits is merely idle. */
const CROWD = 8;
/** A scheduler that has said nothing for so many of its intervals, and milliseconds, has nothing to do any more. */
const [FRESH_INTERVALS, FRESH_MS, INTERVAL_MAX_MS] = [3, 3_000, 20_000];
/** Schedulers that are remembered; of more the one that was silent longest is forgotten. */
const SOURCES_MAX = 256;
/** The most that a node says of itself. */
const MOST: Felt = { starvingMs: 3_600_000, overcommit: 1_000, ioHeat: 1 };
const NONE: Felt = { starvingMs: 0, overcommit: 0, ioHeat: 0 };

const checker = checkerOf(TaskFeedback.schema);

interface Source {
  readonly felt: Felt;
  readonly untilMs: number;
}

export class Strain {
  readonly #clock: Pick<Clock, 'nowMs'>;
  /** By actor and scheduler, the newest last. */
  readonly #sources = new Map<string, Source>();
  #held: Felt = NONE;
  #heldAtMs: number;
  #starving = false;

  constructor(clock: Pick<Clock, 'nowMs'>) {
    this.#clock = clock;
    this.#heldAtMs = clock.nowMs();
  }

  /** Takes one sample of a scheduler on this node; false when it is none. */
  note(feedback: unknown): boolean {
    if (!checker.check(feedback)) return false;
    const said = feedback as TaskFeedback;
    const key = `${said.actor}#${said.scheduler}`;
    const forMs = Math.max(FRESH_MS, FRESH_INTERVALS * Math.min(said.intervalMs, INTERVAL_MAX_MS));
    this.#sources.delete(key);
    this.#sources.set(key, { felt: feltBy(said), untilMs: this.#clock.nowMs() + forMs });
    if (this.#sources.size > SOURCES_MAX) this.#sources.delete(this.#sources.keys().next().value as string);
    return true;
  }

  /**
   * What the node says of itself now: the worst of all that feel something. How often it is asked makes no difference.
   * @param machine what the machine as a whole feels now
   */
  felt(machine: Felt): Felt & { readonly starving: boolean } {
    const nowMs = this.#clock.nowMs();
    let worst = machine;
    for (const [key, { felt, untilMs }] of this.#sources) {
      if (untilMs < nowMs) this.#sources.delete(key);
      else worst = each((what) => Math.max(worst[what], felt[what]));
    }
    const left = 2 ** (-(nowMs - this.#heldAtMs) / HALF_MS);
    this.#held = each((what) => Math.max(bounded(worst[what], MOST[what]), this.#held[what] * left));
    this.#heldAtMs = nowMs;
    const { starvingMs } = this.#held;
    this.#starving = starvingMs >= STARVING_MS || (this.#starving && starvingMs > EASED_MS);
    return { ...this.#held, starving: this.#starving };
  }
}

const each = (value: (what: keyof Felt) => number): Felt => ({
  starvingMs: value('starvingMs'),
  overcommit: value('overcommit'),
  ioHeat: value('ioHeat'),
});

/** A figure that could not be measured says nothing. */
const bounded = (value: number, most: number): number =>
  Number.isNaN(value) ? 0 : Math.min(most, Math.max(0, value));

function feltBy({ starvation, overcommit, spentTurns, ioHeat }: TaskFeedback): Felt {
  return {
    starvingMs: Math.max(...starvation.map(({ worstWaitMs }) => worstWaitMs)),
    // Those who have just come and wait for the next turn are no excess: turns have to run out.
    overcommit: spentTurns > 0 ? overcommit : 0,
    ioHeat: ioHeat.reduce(
      (hottest, { share, meanWaiting }) => Math.max(hottest, share * Math.min(1, meanWaiting / CROWD)),
      0,
    ),
  };
}
