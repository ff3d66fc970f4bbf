/** Activations and their derivatives over a stretch of numbers. */
import { positive, storePart } from './lanes';
import { gaussian4, sigmoid4, tanh4 } from './maths';
import { place, rows, word } from './state';

export const LINEAR: i32 = 0;
export const RELU_BEND: i32 = 1;
const TANH: i32 = 2;
const SIGMOID: i32 = 3;
const GAUSSIAN: i32 = 4;

/** out = activation(z), `count` numbers; may be in place. */
export function bend(z: usize, out: usize, count: i32, activation: i32): void {
  const end = <usize>(count << 2);
  for (let i: usize = 0; i < end; i += 16) {
    const x = v128.load(z + i);
    let y = x;
    if (activation == RELU_BEND) y = positive(x);
    else if (activation == TANH) y = tanh4(x);
    else if (activation == SIGMOID) y = sigmoid4(x);
    else if (activation == GAUSSIAN) y = gaussian4(x);
    storePart(out + i, y, (count - <i32>(i >> 2)));
  }
}

/** dz = g times the derivative where the value is y (gaussian: and the argument z); may be in place. */
export function bendBack(z: usize, y: usize, g: usize, dz: usize, count: i32, activation: i32, add: bool): void {
  const end = <usize>(count << 2);
  for (let i: usize = 0; i < end; i += 16) {
    const flow = v128.load(g + i);
    const value = v128.load(y + i);
    let d = flow;
    if (activation == RELU_BEND) d = v128.and(flow, f32x4.gt(value, f32x4.splat(0)));
    else if (activation == TANH) d = f32x4.sub(flow, f32x4.mul(f32x4.mul(flow, value), value));
    else if (activation == SIGMOID) d = f32x4.mul(flow, f32x4.sub(value, f32x4.mul(value, value)));
    else if (activation == GAUSSIAN) {
      d = f32x4.mul(f32x4.mul(flow, value), f32x4.mul(v128.load(z + i), f32x4.splat(-2)));
    }
    if (add) d = f32x4.add(d, v128.load(dz + i));
    storePart(dz + i, d, (count - <i32>(i >> 2)));
  }
}

export function activate(at: usize): void {
  bend(place(at, 0), place(at, 1), rows * word(at, 2), word(at, 3));
}

export function activateBack(at: usize): void {
  const size = rows * word(at, 4);
  bendBack(place(at, 0), place(at, 1), place(at, 2), place(at, 3), size, word(at, 5), word(at, 6) != 0);
}
