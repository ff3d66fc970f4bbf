/** Two interlocking spirals, 194 points: the oldest yardstick for networks that grow. */
import type { Rows } from '../types.ts';
import { floatRows } from './memory-rows.ts';

const TURN_STEPS = 97;
const DENSE_PER_STEP = 8;

/**
 * The task of Lang and Witbrock as Fahlman and Lebiere used it. Inputs lie within the unit circle, targets are -1 and 1.
 *
 * For i = 0..96 a point at angle i pi / 16 and radius (104 - i) / 104, then its mirror image through the centre.
 *
 * @returns `train`: the 194 points; `dense`: the same curves at i in steps of 1/8, 1,552 points, the training points among them
 * @see Fahlman and Lebiere, "The Cascade-Correlation learning architecture", 1990
 */
export function twoSpirals(): { readonly train: Rows; readonly dense: Rows } {
  return { train: spirals(1), dense: spirals(DENSE_PER_STEP) };
}

function spirals(perStep: number): Rows {
  const points = TURN_STEPS * perStep;
  const inputs = new Float32Array(points * 4);
  const values = new Float32Array(points * 2);
  for (let point = 0; point < points; point++) {
    const i = point / perStep;
    const angle = (i * Math.PI) / 16;
    const radius = (104 - i) / 104;
    const [x, y] = [radius * Math.sin(angle), radius * Math.cos(angle)];
    inputs.set([x, y, -x, -y], point * 4);
    values.set([1, -1], point * 2);
  }
  return floatRows(inputs, 2, { kind: 'values', values, width: 1 });
}
