/** Watches the loss for the three ways a run can go wrong that no single step shows. Pure. */

export interface GovernorState {
  /** Training losses per boundary, newest last, bounded. */
  readonly losses: readonly number[];
  /** Boundaries in a row that looked divergent. */
  readonly divergent: number;
}

export type Alarm = { readonly kind: 'lobotomy' | 'divergence'; readonly reason: string };

const WINDOW = 20;
const SAMPLES_MIN = 10;
const DIVERGENT_MAX = 3;
const LOBOTOMY_BAND = 0.065;
const LOBOTOMY_FALL = 0.6;

export const freshGovernor: GovernorState = { losses: [], divergent: 0 };

/**
 * Judges one boundary's mean training loss.
 *
 * Lobotomy: the loss is back within 6.5 % of guessing (`ln K`) although it had been below 60 % of it.
 * Divergence: above 3 times the recent mean and 6 deviations away, three boundaries running.
 *
 * @param classes number of classes, or null for a task without
 */
export function watch(
  state: GovernorState,
  loss: number,
  classes: number | null,
): { state: GovernorState; alarm: Alarm | null } {
  const { losses } = state;
  const next = [...losses, loss].slice(-WINDOW);
  if (losses.length < SAMPLES_MIN) return { state: { losses: next, divergent: 0 }, alarm: null };
  const mean = losses.reduce((sum, l) => sum + l, 0) / losses.length;
  const deviation = Math.sqrt(losses.reduce((sum, l) => sum + (l - mean) ** 2, 0) / losses.length);
  const guessing = classes === null ? null : Math.log(classes);
  if (
    guessing !== null &&
    Math.abs(loss - guessing) < LOBOTOMY_BAND * guessing &&
    mean < LOBOTOMY_FALL * guessing
  ) {
    return {
      state,
      alarm: { kind: 'lobotomy', reason: `loss ${loss.toPrecision(3)} is back at guessing, ln ${classes}` },
    };
  }
  const divergent = loss > 3 * mean && loss > mean + 6 * deviation ? state.divergent + 1 : 0;
  if (divergent >= DIVERGENT_MAX) {
    return {
      state,
      alarm: {
        kind: 'divergence',
        reason: `loss ${loss.toPrecision(3)} against a recent mean of ${mean.toPrecision(3)}`,
      },
    };
  }
  return { state: { losses: next, divergent }, alarm: null };
}
