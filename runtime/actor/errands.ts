/** What an actor has running outside its handlers, timers and jobs: each ends as one message, or not at all. */
import type { Clock } from '../ports/clock.ts';
import { asError } from './errors.ts';
import type { Message } from './messages.ts';

export class Errands {
  readonly #clock: Clock;
  readonly #tellSelf: (message: Message) => void;
  readonly #fail: (job: string, error: Error) => void;
  readonly #timers = new Set<() => void>();
  /** And when each began. */
  readonly #jobs = new Map<AbortController, number>();
  #stretch: AbortController | null = null;
  /** Rises when everything ends: what was to come soon comes no more. */
  #life = 0;

  constructor(clock: Clock, tellSelf: (message: Message) => void, fail: (job: string, error: Error) => void) {
    this.#clock = clock;
    this.#tellSelf = tellSelf;
    this.#fail = fail;
  }

  /** Sends `message` after `delayMs`, unless cancelled. */
  after(delayMs: number, message: Message): () => void {
    const stopClock = this.#clock.after(delayMs, () => {
      this.#timers.delete(cancel);
      this.#tellSelf(message);
    });
    const cancel = () => {
      this.#timers.delete(cancel);
      stopClock();
    };
    this.#timers.add(cancel);
    return cancel;
  }

  /** Sends `message` once I/O and other actors had their turn. */
  soon(message: Message): void {
    const life = this.#life;
    this.#clock.soon(() => {
      if (life === this.#life) this.#tellSelf(message);
    });
  }

  /** Begins after the present handler. What an aborted job returns or throws goes unheard. */
  job(name: string, run: (signal: AbortSignal) => Promise<Message>): void {
    const job = new AbortController();
    this.#jobs.set(job, this.#clock.nowMs());
    // Aborting forgets the job, so that whatever it still does ends here.
    const end = (outcome: () => void) => {
      if (this.#jobs.delete(job)) outcome();
    };
    Promise.resolve(job.signal)
      .then((signal) => (signal.aborted ? unheard : run(signal)))
      .then(
        (message) => end(() => this.#tellSelf(message)),
        (thrown) => end(() => this.#fail(name, asError(thrown))),
      );
  }

  get jobs(): number {
    return this.#jobs.size;
  }

  /** Aborted when everything ends; then there is a new one. */
  get signal(): AbortSignal {
    this.#stretch ??= new AbortController();
    return this.#stretch.signal;
  }

  /** When the oldest job under way began, null without one. */
  get jobsSinceMs(): number | null {
    const [oldest] = this.#jobs.values();
    return oldest ?? null;
  }

  /** Ends everything, unheard. */
  abort(): void {
    this.#life++;
    for (const cancel of [...this.#timers]) cancel();
    const jobs = [...this.#jobs.keys()];
    this.#jobs.clear();
    for (const job of jobs) job.abort();
    const stretch = this.#stretch;
    this.#stretch = null;
    stretch?.abort();
  }
}

/** Aborted before it began: its message is never looked at. */
const unheard: Message = { type: 'runtime.unheard' };
