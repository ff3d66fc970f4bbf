/** Readers of IDX and CIFAR files believe nothing a header says. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { idxRows, readCifar, readIdx } from '../../../nn/data/index.ts';
import { inputsOf, labelsOf } from './read-all.ts';

/** An IDX file of bytes: the header says `dims`, whatever follows. */
function idx(dims: number[], data: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(4 + dims.length * 4 + data.length);
  const header = new DataView(bytes.buffer);
  header.setUint32(0, 0x0800 + dims.length);
  dims.forEach((dim, i) => {
    header.setUint32(4 + i * 4, dim);
  });
  bytes.set(data, 4 + dims.length * 4);
  return bytes;
}

const thrown = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    return error;
  }
  return null;
};

describe('IDX', () => {
  it('gives back the sizes and the bytes, without copying them', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 4 }),
        fc.infiniteStream(fc.nat(255)),
        (dims, stream) => {
          const size = dims.reduce((product, dim) => product * dim, 1);
          const data = Uint8Array.from(stream.take(size));
          const bytes = idx(dims, data);
          const read = readIdx(bytes);

          expect(read.dims).toEqual(dims);
          expect(read.data).toEqual(data);
          expect(read.data.buffer).toBe(bytes.buffer);
        },
      ),
    );
  });

  it('reads a file that lies in the middle of a larger buffer', () => {
    const file = idx([2], [7, 8]);
    const larger = new Uint8Array(file.length + 10);
    larger.set(file, 5);

    expect([...readIdx(larger.subarray(5, 5 + file.length)).data]).toEqual([7, 8]);
  });

  it('refuses a header that announces more than there is, before making room for it', () => {
    const error = thrown(() => readIdx(idx([0xffffffff, 0xffffffff, 0xffffffff], [1, 2, 3])));

    expect(error).toMatchObject({ code: 'DATA_TRUNCATED', details: { offset: 16, bytes: 19 } });
  });

  it('refuses bytes that follow the last row', () => {
    expect(thrown(() => readIdx(idx([2], [1, 2, 3])))).toMatchObject({
      code: 'DATA_TRAILING_BYTES',
      details: { offset: 10, expectedBytes: 10, bytes: 11 },
    });
  });

  it('refuses any file cut short, wherever the cut is', () => {
    const whole = idx([2, 3], [1, 2, 3, 4, 5, 6]);
    for (let length = 0; length < whole.length; length++) {
      expect(thrown(() => readIdx(whole.subarray(0, length)))).toMatchObject({ code: 'DATA_TRUNCATED' });
    }
  });

  it.each([
    ['floats', [0, 0, 0x0d, 1, 0, 0, 0, 0]],
    ['no dimensions', [0, 0, 8, 0]],
    ['too many dimensions', [0, 0, 8, 200, 0, 0, 0, 0]],
    ['text', [0x35, 0x2e, 0x31, 0x2c]],
  ])('refuses a file of %s by its first bytes', (_, bytes) => {
    expect(thrown(() => readIdx(Uint8Array.from(bytes)))).toMatchObject({
      code: 'DATA_BAD_MAGIC',
      details: { offset: 0 },
    });
  });

  it('tells gzip from other nonsense', () => {
    const error = thrown(() => readIdx(Uint8Array.from([0x1f, 0x8b, 8, 0, 0]))) as { hint: string };

    expect(error.hint).toContain('gzip');
  });

  it('images come out as 0..1 and labels one-hot', () => {
    const rows = idxRows(readIdx(idx([2, 1, 2], [0, 255, 51, 102])), readIdx(idx([2], [3, 9])));

    expect([rows.count, rows.inputs, rows.outputs, rows.kind]).toEqual([2, 2, 10, 'classes']);
    expect(inputsOf(rows)).toEqual([
      [0, 1],
      [Math.fround(0.2), Math.fround(0.4)],
    ]);
    expect(labelsOf(rows)).toEqual([3, 9]);
  });

  it('refuses labels that do not fit the images', () => {
    const images = readIdx(idx([2, 1, 1], [0, 0]));

    expect(thrown(() => idxRows(images, readIdx(idx([3], [0, 0, 0]))))).toMatchObject({
      code: 'DATA_COUNT_MISMATCH',
    });
    expect(thrown(() => idxRows(images, readIdx(idx([2], [0, 10]))))).toMatchObject({
      code: 'DATA_BAD_LABEL',
      details: { row: 1, label: 10 },
    });
    expect(thrown(() => idxRows(images, images))).toMatchObject({ code: 'DATA_BAD_MAGIC' });
  });
});

describe('CIFAR-10', () => {
  const record = (label: number, red: number, green: number, blue: number) => [
    label,
    ...Array<number>(1024).fill(red),
    ...Array<number>(1024).fill(green),
    ...Array<number>(1024).fill(blue),
  ];

  it('reads records of a label and three planes, and puts the colours of a pixel side by side', () => {
    const rows = readCifar(Uint8Array.from([...record(6, 255, 0, 51), ...record(9, 0, 102, 0)]));
    const [first = [], second = []] = inputsOf(rows);

    expect(labelsOf(rows)).toEqual([6, 9]);
    for (const pixel of [0, 17, 1023])
      expect(first.slice(3 * pixel, 3 * pixel + 3)).toEqual([1, 0, Math.fround(0.2)]);
    expect(second.slice(-3)).toEqual([0, Math.fround(0.4), 0]);
  });

  it('keeps the lines of a plane in their order', () => {
    const bytes = Uint8Array.from([...record(0, 0, 0, 0)]);
    bytes[1 + 1024 + 32 + 5] = 255; // green, second line, sixth pixel
    const [row = []] = inputsOf(readCifar(bytes));

    expect(row.indexOf(1)).toBe((32 + 5) * 3 + 1);
    expect(row.filter((value) => value !== 0)).toHaveLength(1);
  });

  it('refuses a file that is not whole records, and one that is empty', () => {
    const whole = record(1, 2, 3, 4);

    expect(thrown(() => readCifar(Uint8Array.from([...whole, 1, 2])))).toMatchObject({
      code: 'DATA_TRUNCATED',
      details: { offset: 3073, expectedBytes: 6146, bytes: 3075 },
    });
    expect(thrown(() => readCifar(new Uint8Array(0)))).toMatchObject({ code: 'DATA_TRUNCATED' });
  });

  it('refuses a label that is none', () => {
    expect(thrown(() => readCifar(Uint8Array.from(record(10, 0, 0, 0))))).toMatchObject({
      code: 'DATA_BAD_LABEL',
    });
  });
});
