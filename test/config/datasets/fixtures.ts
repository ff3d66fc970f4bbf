/** Small files in the formats of the big data sets, with answers that are easy to know. */
import { createHash } from 'node:crypto';
import type { HomeFile } from '../../../config/datasets/index.ts';
import type { TaskConfig } from '../../../contracts/index.ts';

export const utf8 = (text: string) => new TextEncoder().encode(text);
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

export const pinned = (name: string, bytes: Uint8Array): HomeFile => ({
  name,
  expect: { sha256: sha256(bytes), bytes: bytes.length, of: 'file' },
});

/** Images of 28 x 28 whose every pixel is the number of the row, and labels that count up to nine again and again. */
export function idxPair(rows: number): { readonly images: Uint8Array; readonly labels: Uint8Array } {
  const images = new Uint8Array(16 + rows * 784);
  const header = new DataView(images.buffer);
  [0x803, rows, 28, 28].forEach((word, i) => {
    header.setUint32(i * 4, word);
  });
  for (let row = 0; row < rows; row++) images.fill(row, 16 + row * 784, 16 + (row + 1) * 784);
  const labels = new Uint8Array(8 + rows);
  new DataView(labels.buffer).setUint32(0, 0x801);
  new DataView(labels.buffer).setUint32(4, rows);
  for (let row = 0; row < rows; row++) labels[8 + row] = row % 10;
  return { images, labels };
}

/** CIFAR records whose pixels are all `first + row`. */
export function cifarBatch(rows: number, first: number): Uint8Array {
  const bytes = new Uint8Array(rows * 3073);
  for (let row = 0; row < rows; row++) {
    bytes.fill(first + row, row * 3073, (row + 1) * 3073);
    bytes[row * 3073] = (first + row) % 10;
  }
  return bytes;
}

/** Lines as in optdigits: 64 counts and a class; every count of row r is r % 17. */
export const digitLines = (rows: number) =>
  Array.from({ length: rows }, (_, row) => `${`${row % 17},`.repeat(64)}${row % 10}`).join('\n');

export interface TarEntry {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** `0` regular file, `2` symbolic link, `5` folder. */
  readonly type?: string;
}

/** A tar archive as `tar --format=ustar` makes it. */
export function tar(entries: readonly TarEntry[]): Uint8Array {
  const blocks = entries.flatMap(({ name, bytes, type = '0' }) => {
    const header = new Uint8Array(512);
    const put = (text: string, at: number) => header.set(utf8(text), at);
    put(name, 0);
    put('0000644\0', 100);
    put(`${bytes.length.toString(8).padStart(11, '0')}\0`, 124);
    put('        ', 148);
    put(type, 156);
    put('ustar\x0000', 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    put(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return [header, bytes, new Uint8Array((512 - (bytes.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, new Uint8Array(1024)]);
}

export const task = (dataset: string, changed: Partial<TaskConfig> = {}): TaskConfig => ({
  dataset,
  options: {},
  dataDir: null,
  trainRows: null,
  validationRows: 'train',
  ...changed,
});
