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
    for (let i = 0; i < size * rows.inputs; i++) {
      const column = i % rows.inputs;
      const seen = from + Math.floor(i / rows.inputs) + 1;
      const value = block[i] as number;
      const before = value - (mean[column] as number);
      mean[column] = (mean[column] as number) + before / seen;
      squares[column] = (squares[column] as number) + before * (value - (mean[column] as number));
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
      for (let i = 0; i < indices.length * rows.inputs; i++) {
        const column = i % rows.inputs;
        out[i] = ((out[i] as number) - (mean[column] as number)) / (deviation[column] || 1);
      }
    },
  };
}
