/** The binary CIFAR-10 format: records of one label byte and 3,072 pixel bytes, red then green then blue. */
import { EsperError } from '../../contracts/index.ts';
import type { Rows } from '../types.ts';
import { checkLabels } from './idx.ts';
import { byteRows } from './memory-rows.ts';

/** How the inputs of a row are laid out. */
export const CIFAR_SHAPE = { channels: 3, height: 32, width: 32 } as const;
const PIXELS = CIFAR_SHAPE.channels * CIFAR_SHAPE.height * CIFAR_SHAPE.width;
const RECORD = 1 + PIXELS;
const CLASSES = 10;

/**
 * Reads one batch. Pixels come out as 0..1, `[count, 3 * 32 * 32]`, channel by channel, lines from the top.
 *
 * @param bytes kept, not copied
 * @throws DATA_TRUNCATED unless whole records fill the file, DATA_BAD_LABEL
 */
export function readCifar(bytes: Uint8Array): Rows {
  const count = Math.floor(bytes.length / RECORD);
  if (count === 0 || bytes.length % RECORD !== 0) {
    throw new EsperError(
      'DATA_TRUNCATED',
      `${bytes.length} bytes are not whole records of ${RECORD}`,
      { offset: count * RECORD, expectedBytes: (count + 1) * RECORD, bytes: bytes.length },
      { hint: 'The file is incomplete, or not in the binary version of CIFAR-10.' },
    );
  }
  const labels = Uint8Array.from({ length: count }, (_, row) => bytes[row * RECORD] as number);
  checkLabels(labels, CLASSES);
  const layout = { count, width: PIXELS, offset: 1, stride: RECORD };
  return byteRows(bytes, layout, { kind: 'classes', labels, classes: CLASSES });
}
