/** Tensors come back as they went in, and a file that lies about its tensors is not believed. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { topLevelKeys } from '../../../runtime/checkpoint/json-keys.ts';
import {
  decodeSafetensors,
  encodeSafetensors,
  type NamedTensor,
  type TensorData,
} from '../../../runtime/checkpoint/safetensors.ts';

const bits = (data: TensorData) => [...new Uint8Array(data.buffer, data.byteOffset, data.byteLength)];

const anyData: fc.Arbitrary<TensorData> = fc.oneof(
  fc.float32Array({ maxLength: 24 }),
  fc.int32Array({ maxLength: 24 }),
  fc.uint32Array({ maxLength: 24 }),
);
const anyTensor: fc.Arbitrary<NamedTensor> = fc
  .record({ name: fc.string(), data: anyData })
  .map(({ name, data }) => {
    const even = data.length % 2 === 0;
    return { name: `t/${name}`, data, shape: even ? [2, data.length / 2] : [data.length] };
  });
const anyTensors = fc.uniqueArray(anyTensor, { maxLength: 6, selector: ({ name }) => name });
const anyMetadata = fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true });

/** A file with this header in front of this many bytes of data. */
function fileOf(header: string, dataBytes: number): Uint8Array {
  const text = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + text.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}
const entry = (shape: unknown, offsets: unknown, dtype: unknown = 'F32') => ({
  dtype,
  shape,
  data_offsets: offsets,
});
const refused = (bytes: Uint8Array) => {
  expect(() => decodeSafetensors(bytes)).toThrow(expect.objectContaining({ code: 'SAFETENSORS_INVALID' }));
};

describe('safetensors', () => {
  it('give back names, shapes, bits and metadata of any tensors', () => {
    fc.assert(
      fc.property(anyTensors, anyMetadata, fc.nat(7), (tensors, metadata, shift) => {
        const encoded = encodeSafetensors({ tensors, metadata });
        const moved = new Uint8Array(encoded.length + shift);
        moved.set(encoded, shift);
        const decoded = decodeSafetensors(moved.subarray(shift));

        expect(decoded.metadata).toEqual(metadata);
        const view = (all: readonly NamedTensor[]) =>
          all.map(({ name, shape, data }) => [name, shape, data.constructor.name, bits(data)]);
        const byName = (all: readonly NamedTensor[]) =>
          view(all).sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
        expect(byName(decoded.tensors)).toEqual(byName(tensors));
      }),
    );
  });

  it('keep every bit of what is not a number', () => {
    const data = new Float32Array(new Uint32Array([0x7fc00001, 0xff800000, 0x80000000]).buffer);
    const [tensor] = decodeSafetensors(
      encodeSafetensors({ tensors: [{ name: 'w', shape: [3], data }], metadata: {} }),
    ).tensors;

    expect(bits(tensor?.data ?? new Float32Array())).toEqual(bits(data));
  });

  it('begin the data at a multiple of eight, so that it can be mapped', () => {
    for (let length = 0; length < 20; length++) {
      const bytes = encodeSafetensors({ tensors: [], metadata: { note: 'x'.repeat(length) } });
      expect(bytes.length % 8).toBe(0);
    }
  });

  it('survive a tensor named like a trap', () => {
    const tensors = [{ name: '__proto__', shape: [1], data: Float32Array.of(1) }];
    const decoded = decodeSafetensors(encodeSafetensors({ tensors, metadata: {} }));

    expect(decoded.tensors.map(({ name }) => name)).toEqual(['__proto__']);
    expect(({} as { dtype?: string }).dtype).toBeUndefined();
  });

  it('refuse to write a name twice, a reserved name, or a shape that does not fit', () => {
    const one = (name: string, shape = [1]) => ({ name, shape, data: Float32Array.of(1) });
    for (const tensors of [[one('a'), one('a')], [one('__metadata__')], [one('a', [2])]]) {
      expect(() => encodeSafetensors({ tensors, metadata: {} })).toThrow(/safetensors/);
    }
  });

  it.each([
    ['overlap', { a: entry([2], [0, 8]), b: entry([2], [4, 12]) }, 12],
    ['leave a gap', { a: entry([1], [0, 4]), b: entry([1], [8, 12]) }, 12],
    ['do not begin at zero', { a: entry([1], [4, 8]) }, 8],
    ['leave bytes over', { a: entry([1], [0, 4]) }, 8],
    ['reach beyond the file', { a: entry([4], [0, 16]) }, 8],
    ['run backwards', { a: entry([1], [8, 4]) }, 8],
    ['do not match their shape', { a: entry([3], [0, 8]) }, 8],
    ['have a shape beyond any number', { a: entry([2 ** 30, 2 ** 30, 2 ** 30], [0, 4]) }, 4],
    ['have a negative extent', { a: entry([-1, -1], [0, 4]) }, 4],
    ['have a fraction of an extent', { a: entry([0.5, 2], [0, 4]) }, 4],
    ['have an unknown type', { a: entry([1], [0, 4], 'BF17') }, 4],
    ['have a type that is a method of objects', { a: entry([1], [0, 4], 'toString') }, 4],
    ['have three offsets', { a: entry([1], [0, 4, 4]) }, 4],
    ['are not objects', { a: null }, 0],
    ['come with metadata that is no text', { __metadata__: { a: 1 } }, 0],
    ['come with metadata that is a list', { __metadata__: [] }, 0],
  ])('are refused when tensors %s', (_, header, dataBytes) => {
    refused(fileOf(JSON.stringify(header), dataBytes));
  });

  it('are refused when a name stands twice, however it is spelt', () => {
    const tensor = JSON.stringify(entry([1], [0, 4]));

    refused(fileOf(`{"a":${tensor},"a":${tensor}}`, 4));
    refused(fileOf(`{"a":${tensor}, "\\u0061" \n:${tensor}}`, 4));
  });

  it('are refused when the header is not there, not JSON, not an object, or longer than the file', () => {
    for (const header of ['', '[]', '1', '{', '"a"', ' {}', '{"a":1}}']) refused(fileOf(header, 0));
    refused(new Uint8Array(7));
    const long = fileOf('{}', 0);
    new DataView(long.buffer).setBigUint64(0, 2n ** 63n, true);
    refused(long);
  });

  it('never crash on any bytes: they decode or they are refused', () => {
    const bytes = encodeSafetensors({
      tensors: [{ name: 'w', shape: [2], data: Float32Array.of(1, 2) }],
      metadata: {},
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 4 }), (edits) => {
        const edited = bytes.slice();
        for (const [at, value] of edits) edited[at] = value;
        try {
          decodeSafetensors(edited);
        } catch (error) {
          expect(error).toMatchObject({ code: 'SAFETENSORS_INVALID' });
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('the keys of a JSON object', () => {
  it('are those of the outermost object, in order', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string().map((key) => `k${key}`),
          fc.jsonValue(),
          { noNullPrototype: true },
        ),
        (object) => {
          expect(topLevelKeys(JSON.stringify(object))).toEqual(Object.keys(object));
          expect(topLevelKeys(JSON.stringify(object, null, 2))).toEqual(Object.keys(object));
        },
      ),
    );
  });
});
