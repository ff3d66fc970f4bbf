/** Too many restarts, too fast? The caller brings the clock and keeps the memory. */
export interface Intensity {
  /** Restarts allowed within the window. */
  readonly intensity: number;
  /** The window, milliseconds. */
  readonly periodMs: number;
}

/** Remembers one more restart at `nowMs`; forgets those that left the window. */
export function addRestart(
  restarts: readonly number[],
  nowMs: number,
  limit: Intensity,
): { readonly restarts: readonly number[]; readonly exceeded: boolean } {
  const recent = restarts.filter((at) => at >= nowMs - limit.periodMs);
  recent.push(nowMs);
  return { restarts: recent, exceeded: recent.length > limit.intensity };
}
