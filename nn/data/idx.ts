/** The IDX format of MNIST: a header of big-endian sizes, then bytes and nothing else. */
import { EsperError } from '../../contracts/index.ts';
import type { Rows } from '../types.ts';
import { byteRows } from './memory-rows.ts';

export interface Idx {
  /** Sizes, outermost first: `[60000, 28, 28]` or `[60000]`. */
  readonly dims: readonly number[];
  /** A view of the bytes after the header, as many as the product of `dims`. */
  readonly data: Uint8Array;
}

const UNSIGNED_BYTE = 0x08;
const DIMS_MAX = 4;

/**
 * Reads an unpacked IDX file of unsigned bytes. Nothing is allocated: a header that lies is only compared.
 *
 * @throws DATA_BAD_MAGIC DATA_TRUNCATED DATA_TRAILING_BYTES, each with the offset where it went wrong
 */
export function readIdx(bytes: Uint8Array): Idx {
  if (bytes.length < 4) throw truncated(0, 4, bytes.length);
  const magic = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const [zeros, type, rank] = [magic.getUint16(0), magic.getUint8(2), magic.getUint8(3)];
  if (zeros !== 0 || type !== UNSIGNED_BYTE || rank < 1 || rank > DIMS_MAX)
    throw badMagic(magic.getUint32(0));
  const header = 4 + 4 * rank;
  if (bytes.length < header) throw truncated(4, header, bytes.length);
  const dims = Array.from({ length: rank }, (_, i) => magic.getUint32(4 + 4 * i));
  const expected = header + dims.reduce((product, dim) => product * dim, 1);
  if (bytes.length < expected) throw truncated(header, expected, bytes.length, dims);
  if (bytes.length > expected) {
    throw new EsperError('DATA_TRAILING_BYTES', `${bytes.length - expected} bytes follow the last row`, {
      offset: expected,
      expectedBytes: expected,
      bytes: bytes.length,
      dims,
    });
  }
  return { dims, data: bytes.subarray(header) };
}

/**
 * Images with their labels; pixels 0..255 come out as 0..1, `[count, height * width]`.
 *
 * @throws DATA_BAD_MAGIC when one is not what its place says, DATA_COUNT_MISMATCH, DATA_BAD_LABEL
 */
export function idxRows(images: Idx, labels: Idx, classes = 10): Rows {
  if (images.dims.length < 2 || labels.dims.length !== 1) {
    throw new EsperError('DATA_BAD_MAGIC', 'images and labels seem to have changed places', {
      imageDims: images.dims,
      labelDims: labels.dims,
      offset: 3,
    });
  }
  const [count = 0, ...sides] = images.dims;
  if (labels.dims[0] !== count) {
    throw new EsperError('DATA_COUNT_MISMATCH', `${count} images, ${labels.dims[0]} labels`, {
      images: count,
      labels: labels.dims[0],
    });
  }
  const width = sides.reduce((product, side) => product * side, 1);
  checkLabels(labels.data, classes);
  const layout = { count, width, offset: 0, stride: width };
  return byteRows(images.data, layout, { kind: 'classes', labels: labels.data, classes });
}

/** @throws DATA_BAD_LABEL naming the first row (0-based) whose label is not below `classes` */
export function checkLabels(labels: Uint8Array, classes: number): void {
  const row = labels.findIndex((label) => label >= classes);
  if (row < 0) return;
  throw new EsperError(
    'DATA_BAD_LABEL',
    `row ${row} has label ${labels[row]}, classes are 0..${classes - 1}`,
    {
      row,
      label: labels[row],
      classes,
    },
  );
}

function truncated(offset: number, expected: number, got: number, dims?: readonly number[]): EsperError {
  const details = { offset, expectedBytes: expected, bytes: got, ...(dims && { dims }) };
  return new EsperError(
    'DATA_TRUNCATED',
    `the file ends at byte ${got}, ${expected} were announced`,
    details,
    {
      hint: 'The file is incomplete or damaged: fetch it again.',
    },
  );
}

function badMagic(magic: number): EsperError {
  const found = `0x${magic.toString(16).padStart(8, '0')}`;
  const gzip = magic >>> 16 === 0x1f8b;
  return new EsperError(
    'DATA_BAD_MAGIC',
    `the file begins with ${found}, an IDX file of bytes with 0x000008`,
    { offset: 0, magic: found },
    {
      hint: gzip
        ? 'This is a gzip file; name it .gz or unpack it.'
        : 'This is not an IDX file of unsigned bytes.',
    },
  );
}
