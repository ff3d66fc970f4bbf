/** Gives buffers their places: those that are never needed at the same time share one. */
import { type Buffer, type Draft, isBuffer } from './draft.ts';

/** Bytes of a half's working memory: about what stays in a core's second cache beside the weights in use. */
const CACHE_BYTES = 400_000;
const MOST_ROWS = 512;
/** Between buffers, so that none begins in the middle of another one's cache line. */
const LINE = 64;

export interface Layout {
  /** Rows of a micro-batch at most. */
  readonly rows: number;
  /** Bytes from the start of the working memory. */
  readonly offsets: ReadonlyMap<Buffer, number>;
  readonly bytes: number;
}

interface Life {
  readonly buffer: Buffer;
  readonly first: number;
  last: number;
}

/** Rows of a micro-batch: as many as keep the most that is in use at one time in the cache, and always the same for one program. */
export function rowsFor(draft: Draft): number {
  const { length } = draft.lines;
  const [changes, fixedChanges] = [new Float64Array(length + 1), new Float64Array(length + 1)];
  for (const { buffer, first, last } of livesOf(draft)) {
    if (buffer.streamed) continue;
    const end = Math.min(last + 1, length);
    changes[first]! += buffer.perRow;
    changes[end]! -= buffer.perRow;
    fixedChanges[first]! += buffer.fixed;
    fixedChanges[end]! -= buffer.fixed;
  }
  const most = Math.max(1, highest(changes));
  const fixed = highest(fixedChanges);
  const fitting = Math.floor(Math.max(CACHE_BYTES - 4 * fixed, 0) / (4 * most));
  if (fitting >= MOST_ROWS) return MOST_ROWS;
  return fitting < 4 ? Math.max(1, fitting) : fitting - (fitting % 4);
}

/** The highest of the running sums. */
function highest(changes: Float64Array): number {
  let [sum, most] = [0, 0];
  for (const change of changes) {
    sum += change;
    most = Math.max(most, sum);
  }
  return most;
}

/** Lays the buffers of a draft out for micro-batches of `rows`. */
export function layOut(draft: Draft, rows: number): Layout {
  const offsets = new Map<Buffer, number>();
  let busy: { readonly from: number; readonly to: number; readonly last: number }[] = [];
  let bytes = 0;
  for (const { buffer, first, last } of livesOf(draft)) {
    busy = busy.filter((other) => other.last >= first).sort((a, b) => a.from - b.from);
    const size = Math.ceil((4 * (buffer.perRow * rows + buffer.fixed)) / LINE) * LINE;
    let from = 0;
    for (const other of busy) {
      if (from + size <= other.from) break;
      from = Math.max(from, other.to);
    }
    busy.push({ from, to: from + size, last });
    offsets.set(buffer, from);
    bytes = Math.max(bytes, from + size);
  }
  return { rows, offsets, bytes };
}

/** From its first to its last instruction, in order of the first. */
function livesOf({ lines }: Draft): readonly Life[] {
  const lives = new Map<Buffer, Life>();
  lines.forEach(({ operands }, at) => {
    for (const operand of Object.values(operands)) {
      if (!isBuffer(operand)) continue;
      const known = lives.get(operand);
      if (known !== undefined) known.last = Math.max(known.last, at);
      else {
        const [first, last] = operand.pinned ? [0, Number.POSITIVE_INFINITY] : [at, at];
        lives.set(operand, { buffer: operand, first, last });
      }
    }
  });
  return [...lives.values()].sort((a, b) => a.first - b.first);
}
