/** Who gets which rows: training and validation from the front, the test never mixed in. */
import { EsperError, randomStream, type TaskConfig } from '../../contracts/index.ts';
import { pickRows, shuffled, takeRows } from '../../nn/data/index.ts';
import type { Rows } from '../../nn/types.ts';

/**
 * Splits a training table as the task says.
 *
 * `validationRows: n` keeps the last n rows; with `trainRows: m` the first m train and the n that follow validate,
 * so a small task does not read the far end of a large file. `train` judges on the training rows themselves.
 *
 * @throws DATA_TOO_FEW_ROWS
 */
export function splitTraining(
  rows: Rows,
  { dataset, trainRows, validationRows }: TaskConfig,
): { readonly train: Rows; readonly validation: Rows } {
  const held = validationRows === 'train' ? 0 : validationRows;
  const count = trainRows ?? rows.count - held;
  if (count < 1 || count + held > rows.count) {
    throw new EsperError(
      'DATA_TOO_FEW_ROWS',
      `${dataset} has ${rows.count} rows to train and validate on, ${Math.max(count, 1)} + ${held} were asked for`,
      { dataset, rows: rows.count, trainRows, validationRows },
      { hint: 'Lower trainRows or validationRows.' },
    );
  }
  if (validationRows === 0) {
    throw new EsperError(
      'DATA_TOO_FEW_ROWS',
      `${dataset}: growth cannot be judged on no rows at all`,
      { dataset, validationRows },
      { hint: 'Set validationRows to some rows, or to train.' },
    );
  }
  const train = takeRows(rows, 0, count);
  return { train, validation: validationRows === 'train' ? train : takeRows(rows, count, count + held) };
}

/** A table without a test of its own: `share` of the rows, drawn by the seed, becomes it; the rest is shuffled too. */
export function splitTest(
  rows: Rows,
  share: number,
  seed: number,
): { readonly rest: Rows; readonly test: Rows } {
  const order = shuffled(rows.count, randomStream(seed).split('split'));
  const testRows = Math.min(rows.count - 1, Math.max(1, Math.round(rows.count * share)));
  return {
    rest: pickRows(rows, order.subarray(testRows)),
    test: pickRows(rows, order.subarray(0, testRows)),
  };
}
