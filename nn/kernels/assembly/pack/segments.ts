/** Rows added up by group: the way back through a look-up of rows. */
import { addTo } from '../shared/lanes';

/** `out [segments, inner]`: row `i` of `x [count, inner]` goes to segment `ids[i]` (i32); ids outside are left out. */
export function segmentSum(count: i32, inner: i32, segments: i32, x: usize, ids: usize, out: usize): void {
  const row = <usize>inner << 2;
  memory.fill(out, 0, <usize>segments * row);
  for (let i = 0; i < count; i++, x += row, ids += 4) {
    const id = load<i32>(ids);
    if (id >= 0 && id < segments) addTo(out + <usize>id * row, x, inner);
  }
}
