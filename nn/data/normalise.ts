/** Columns brought to mean 0 and deviation 1, by the statistics of the training rows alone. */
import type { Rows } from '../types.ts';

/** Per input column. A constant column has deviation 0. */
export interface ColumnStatistics {
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
}

const CHUNK = 256;

/** Mean and population deviation of every input column, in one pass (Welford), float64. */
export function columnStatistics(rows: Rows): ColumnStatistics {
  const mean = new Float64Array(rows.inputs);
  const squares = new Float64Array(rows.inputs);
  const block = new Float32Array(CHUNK * rows.inputs);
  for (let from = 0; from < rows.count; from += CHUNK) {
    const size = Math.min(CHUNK, rows.count - from);
    rows.fillInputs(
      Uint32Array.from({ length: size }, (_, i) => from + i),
      block,
    );
    for (let row = 0; row < size; row++) {
      for (let column = 0; column < rows.inputs; column++) {
        const value = block[row * rows.inputs + column] as number;
        const before = value - (mean[column] as number);
        mean[column] = (mean[column] as number) + before / (from + row + 1);
        squares[column] = (squares[column] as number) + before * (value - (mean[column] as number));
      }
    }
  }
  return { mean, deviation: squares.map((sum) => Math.sqrt(sum / Math.max(1, rows.count))) };
}

/** The same rows with `(x - mean) / deviation` for inputs. A constant column becomes 0, not NaN. */
export function normalise(rows: Rows, { mean, deviation }: ColumnStatistics): Rows {
  return {
    ...rows,
    fillInputs: (indices, out) => {
      rows.fillInputs(indices, out);
      for (let row = 0; row < indices.length; row++) {
        for (let column = 0; column < rows.inputs; column++) {
          const at = row * rows.inputs + column;
          out[at] = ((out[at] as number) - (mean[column] as number)) / (deviation[column] || 1);
        }
      }
    },
  };
}
