/** How Karn weighs what the field reports about his blueprints. */
export interface KarnOptions {
  /** Added for each seed of a blueprint that had to be culled. */
  readonly cullPenalty: number;
  /** What is left of every penalty when reports of a new boundary arrive, 0 to 1. */
  readonly decay: number;
  /** At this penalty a blueprint is not proposed. */
  readonly skipAt: number;
}

export const karnOptions: KarnOptions = { cullPenalty: 2, decay: 0.5, skipAt: 3 };
