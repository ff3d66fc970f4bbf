/** The limits of the bus: how much may wait, how often it is tried, when old becomes urgent. */
import { ARTIFACT_MOST_BYTES } from '../../contracts/index.ts';

export interface OonaOptions {
  /** Copies that may wait for one subscriber, in flight included; the first pattern that fits a subscription counts. */
  readonly queueLimits: ReadonlyArray<{ readonly pattern: string; readonly limit: number }>;
  readonly defaultLimit: number;
  /** Deliveries of one copy before it is dead. */
  readonly tries: number;
  /** The same for what a broker keeps, while whoever should handle it cannot be reached. */
  readonly awayTries: number;
  /** Milliseconds a handler may be at work before it is given up and its message goes to somebody else, or is tried again. */
  readonly handleMs: number;
  /** Wait before the second try, in ms; each later one waits twice as long, 5 s at most. */
  readonly retryAfterMs: number;
  /** Waiting this long raises a copy by one priority, in ms; again after as long. Never to 0: that is for emergencies. */
  readonly ageingMs: number;
  /** Dead letters kept for people to read. All are counted. */
  readonly deadLettersKept: number;
  /** Copies one subscriber may take before others get a turn. */
  readonly burst: number;
  /** Bytes a body may have; on a critical topic `largestBytes`. */
  readonly maxBytes: number;
  /** What is critical and larger than `maxBytes` crosses a network as an artifact. */
  readonly largestBytes: number;
}

/** The seeds' figures: 100 between Karn and Tezzeret, 50 before Urabrask, 200 before Urza, 5,000 elsewhere. */
export const oonaOptions: OonaOptions = {
  queueLimits: [
    { pattern: 'compilation.blueprint.submitted', limit: 100 },
    { pattern: 'compilation.kernel.ready', limit: 50 },
    { pattern: 'compilation.>', limit: 200 },
    { pattern: 'validation.>', limit: 200 },
  ],
  defaultLimit: 5000,
  tries: 3,
  awayTries: 60,
  handleMs: 600_000,
  retryAfterMs: 100,
  ageingMs: 300_000,
  deadLettersKept: 256,
  burst: 64,
  maxBytes: 786_432,
  largestBytes: ARTIFACT_MOST_BYTES,
};
