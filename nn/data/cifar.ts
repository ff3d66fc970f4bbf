/** The binary CIFAR-10 format: records of one label byte and 3,072 pixel bytes, red then green then blue. */
import { EsperError } from '../../contracts/index.ts';
import type { Rows } from '../types.ts';
import { checkLabels } from './idx.ts';
import { byteRows } from './memory-rows.ts';
import type { ImageShape } from './pool-images.ts';

/** What the inputs of a row are, flat. The file has a plane for each colour; rows have the colours side by side. */
export const CIFAR_SHAPE: ImageShape = { height: 32, width: 32, channels: 3 };
const PLANE = CIFAR_SHAPE.height * CIFAR_SHAPE.width;
const PIXELS = CIFAR_SHAPE.channels * PLANE;
const RECORD = 1 + PIXELS;
const CLASSES = 10;
const PLANES_TO_PIXELS = Uint32Array.from(
  { length: PIXELS },
  (_, i) => (i % CIFAR_SHAPE.channels) * PLANE + Math.floor(i / CIFAR_SHAPE.channels),
);

/**
 * Reads one batch. Pixels come out as 0..1, `[count, 32, 32, 3]`, lines from the top.
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
  const layout = { count, width: PIXELS, offset: 1, stride: RECORD, order: PLANES_TO_PIXELS };
  return byteRows(bytes, layout, { kind: 'classes', labels, classes: CLASSES });
}
