/** Numbers with a shape, row-major, outside any tensor engine. */

export interface Grid {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** `b` behind `a` along `axis`; all other axes must agree. Both stay as they are. */
export function concatAlong(axis: number, a: Grid, b: Grid): Grid {
  const shape = a.shape.map((size, i) => (i === axis ? size + b.shape[i]! : size));
  const inner = a.shape.slice(axis + 1).reduce((x, y) => x * y, 1);
  const outer = a.shape.slice(0, axis).reduce((x, y) => x * y, 1);
  const runA = a.shape[axis]! * inner;
  const runB = b.shape[axis]! * inner;
  const data = new Float32Array(a.data.length + b.data.length);
  for (let i = 0; i < outer; i++) {
    data.set(a.data.subarray(i * runA, (i + 1) * runA), i * (runA + runB));
    data.set(b.data.subarray(i * runB, (i + 1) * runB), i * (runA + runB) + runA);
  }
  return { shape, data };
}

/** False when any number is NaN or infinite: only those give something other than 0 when multiplied by 0. */
export function allFinite(data: Float32Array): boolean {
  let zero = 0;
  for (let i = 0; i < data.length; i++) zero += data[i]! * 0;
  return zero === 0;
}
