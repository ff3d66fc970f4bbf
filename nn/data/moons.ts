/** Two half moons, each reaching into the other: the smallest task that a straight line cannot do. */
import { randomStream } from '../../contracts/index.ts';
import type { Rows } from '../types.ts';
import { floatRows } from './memory-rows.ts';
import { shuffled } from './shuffle.ts';
import { pickRows } from './views.ts';

/**
 * Class 0 lies on (cos t, sin t), class 1 on (1 - cos t, 1/2 - sin t), t even over 0..pi; then shuffled.
 *
 * @param rows both moons together; the first has one more when odd
 * @param noise standard deviation added to both coordinates
 */
export function moons(rows: number, noise: number, seed: number): Rows {
  const random = randomStream(seed).split('moons');
  const upper = Math.ceil(rows / 2);
  const inputs = new Float32Array(rows * 2);
  const labels = new Uint8Array(rows);
  for (let row = 0; row < rows; row++) {
    const lower = row >= upper;
    const [place, places] = lower ? [row - upper, rows - upper] : [row, upper];
    const t = (Math.PI * place) / Math.max(1, places - 1);
    const [x, y] = lower ? [1 - Math.cos(t), 0.5 - Math.sin(t)] : [Math.cos(t), Math.sin(t)];
    inputs[row * 2] = x + noise * random.normal();
    inputs[row * 2 + 1] = y + noise * random.normal();
    labels[row] = lower ? 1 : 0;
  }
  const table = floatRows(inputs, 2, { kind: 'classes', labels, classes: 2 });
  return pickRows(table, shuffled(rows, random));
}
