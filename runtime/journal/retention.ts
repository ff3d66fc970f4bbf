/** How much of a journal is kept: a ring of segments that never closes over the last two checkpoints. */

export interface Retention {
  /** Segments kept, the newest included. */
  readonly segments?: number;
  /** Bytes that all segments may take. */
  readonly bytes?: number;
}

/**
 * The sequence before which nothing has to be kept, or 0. Nothing is let go before there are two marks: a damaged
 * checkpoint must leave another one to go back to.
 * @param segments oldest first, the newest included
 * @param marks sequences of checkpoints, oldest first
 */
export function letGoBefore(
  { segments: segmentsMax = Number.POSITIVE_INFINITY, bytes: bytesMax = Number.POSITIVE_INFINITY }: Retention,
  segments: readonly { readonly first: number; readonly size: number }[],
  marks: readonly number[],
): number {
  const bound = marks.at(-2);
  if (bound === undefined) return 0;
  let count = segments.length;
  let bytes = segments.reduce((sum, { size }) => sum + size, 0);
  let before = 0;
  for (const [i, { size }] of segments.entries()) {
    const next = segments[i + 1];
    if (!next || next.first > bound || (count <= segmentsMax && bytes <= bytesMax)) return before;
    before = next.first;
    count--;
    bytes -= size;
  }
  return before;
}
