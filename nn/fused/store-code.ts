/** Writes what copies weights and moments out of the arena, onto the page that snapshots share. */
import { type Parameter, sizeOf } from '../parameter.ts';
import { type Block, onLine } from './block.ts';
import { address, type ProgramWriter } from './opcodes.ts';

/** What steps change in the arena, and where it comes to lie on a page, in numbers. */
interface Kept {
  readonly block: Block;
  readonly values: number;
  readonly moments: readonly number[];
  readonly followed: readonly Parameter[];
}

interface Stretch {
  /** Address in the arena. */
  readonly from: number;
  readonly count: number;
  /** In numbers, from the start of the page. */
  readonly at: number;
}

/** Values and moments of all that learns, block by block, then the running figures. */
function stretchesOf({ block, values, moments, followed }: Kept): readonly Stretch[] {
  const { learning, offsets } = block;
  const stretches = [values, ...moments].map((from, i) => ({ from, count: learning, at: learning * i }));
  let at = learning * stretches.length;
  for (const parameter of followed) {
    const count = sizeOf(parameter);
    stretches.push({ from: values + 4 * offsets.get(parameter)!, count, at });
    at += count;
  }
  return stretches;
}

/** How many numbers a page holds. */
export function sizeOfPage(kept: Kept): number {
  const { at, count } = stretchesOf(kept).at(-1)!;
  return at + count;
}

/** Copies the first or the second half of every stretch onto the page that stands where targets do. */
export function writeStore(writer: ProgramWriter, kept: Kept, half: 0 | 1): void {
  for (const { from, count, at } of stretchesOf(kept)) {
    const middle = Math.min(count, onLine(count / 2));
    const [begin, end] = half === 0 ? [0, middle] : [middle, count];
    if (begin === end) continue;
    const place = { a: address('shared', from + 4 * begin), out: address('targets', 4 * (at + begin)) };
    writer.emit('copyBlock', { ...place, count: end - begin, add: 0 });
  }
}
