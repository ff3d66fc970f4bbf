/** Has learning stalled? Watches the validation loss the way a gardener watches a hedge: only over several visits. */

export interface PlateauOptions {
  /** Regular boundaries that are compared. */
  readonly window: number;
  /** Percent of the loss; a smaller gain over the window is a plateau. */
  readonly gainPercent: number;
}

export interface PlateauReading {
  readonly plateau: boolean;
  /** Percent of the loss gained over the window; null while there is too little history. */
  readonly gainPercent: number | null;
  /** Growth is held back until the host has once been calm: three boundaries without explosive change. */
  readonly stabilised: boolean;
}

const CALM_BOUNDARIES = 3;
const CALM_LOSS_RISE = 0.05;
const CALM_LOSS_FALL = 0.6;

/**
 * Reads a loss history, oldest first, one value a regular boundary.
 *
 * The gain is that of the best loss inside the window over the best before it, so that noise between
 * two boundaries does not look like progress.
 */
export function readPlateau(losses: readonly number[], options: PlateauOptions): PlateauReading {
  const stabilised = isStabilised(losses);
  if (losses.length <= options.window) return { plateau: false, gainPercent: null, stabilised };
  const before = Math.min(...losses.slice(0, -options.window));
  const lately = Math.min(...losses.slice(-options.window));
  const gainPercent = before > 0 ? (100 * (before - lately)) / before : 0;
  return { plateau: gainPercent < options.gainPercent, gainPercent, stabilised };
}

/** True once three boundaries in a row changed the loss by less than an explosion: not up 5 %, not down 60 %. */
function isStabilised(losses: readonly number[]): boolean {
  let calm = 0;
  for (let i = 1; i < losses.length; i++) {
    const [earlier, later] = [losses[i - 1] as number, losses[i] as number];
    const change = earlier > 0 ? (later - earlier) / earlier : 0;
    calm = change < CALM_LOSS_RISE && change > -CALM_LOSS_FALL ? calm + 1 : 0;
    if (calm >= CALM_BOUNDARIES) return true;
  }
  return false;
}
