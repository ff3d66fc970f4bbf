/** Named tensors as bytes in the safetensors format, which every other tool of the field can open. */
import { EsperError } from '../../contracts/failure.ts';
import { topLevelKeys } from './json-keys.ts';

export type TensorData = Float32Array | Int32Array | Uint32Array;

export interface NamedTensor<D extends TensorData = TensorData> {
  readonly name: string;
  /** Row-major; empty for a scalar. */
  readonly shape: readonly number[];
  readonly data: D;
}

export interface Safetensors {
  /** In the order of their bytes. After decoding, `data` views the file's bytes where alignment allows. */
  readonly tensors: readonly NamedTensor[];
  readonly metadata: Readonly<Record<string, string>>;
}

const DTYPES = { F32: Float32Array, I32: Int32Array, U32: Uint32Array } as const;
type Dtype = keyof typeof DTYPES;
const ELEMENT_BYTES = 4;
const LENGTH_BYTES = 8;
const METADATA = '__metadata__';
/** The limit of the format's own reader. */
const HEADER_BYTES_MAX = 100_000_000;

/** The raw bytes of a tensor, as they stand in the file: little-endian, like every machine this runs on. */
export const bytesOf = ({ data }: NamedTensor): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/** @throws SAFETENSORS_INVALID when a name comes twice or is reserved, or a shape does not fit its data */
export function encodeSafetensors({ tensors, metadata }: Safetensors): Uint8Array {
  let end = 0;
  const entries = new Map<string, unknown>([[METADATA, metadata]]);
  for (const { name, shape, data } of tensors) {
    if (entries.has(name)) throw invalid('a name is taken', { name });
    if (sizeOf(shape) !== data.length) throw invalid('the shape does not fit the data', { name, shape });
    const begin = end;
    end += data.byteLength;
    entries.set(name, { dtype: dtypeOf(data), shape, data_offsets: [begin, end] });
  }
  const json = JSON.stringify(Object.fromEntries(entries));
  const text = new TextEncoder().encode(json);
  // Padded with spaces, so that the tensors behind begin at a multiple of eight.
  const start = LENGTH_BYTES + Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(start + end).fill(0x20, LENGTH_BYTES, start);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(start - LENGTH_BYTES), true);
  bytes.set(text, LENGTH_BYTES);
  let at = start;
  for (const tensor of tensors) {
    bytes.set(bytesOf(tensor), at);
    at += tensor.data.byteLength;
  }
  return bytes;
}

/** @throws SAFETENSORS_INVALID unless every byte is accounted for exactly once */
export function decodeSafetensors(bytes: Uint8Array): Safetensors {
  const { header, start } = readHeader(bytes);
  const { [METADATA]: metadata = {}, ...entries } = header;
  const placed = Object.entries(entries).map(([name, entry]) => readEntry(name, entry));
  placed.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let covered = 0;
  for (const { name, begin, end } of placed) {
    if (begin !== covered)
      throw invalid('tensors overlap or leave a gap', { name, begin, expected: covered });
    covered = end;
  }
  if (start + covered !== bytes.length) {
    throw invalid('the file is longer or shorter than its tensors', {
      expected: start + covered,
      bytes: bytes.length,
    });
  }
  const tensors = placed.map(({ name, shape, dtype, begin, end }) => {
    return { name, shape, data: viewAs(dtype, bytes, start + begin, start + end) };
  });
  return { tensors, metadata: readMetadata(metadata) };
}

function readHeader(bytes: Uint8Array): { header: Record<string, unknown>; start: number } {
  if (bytes.length < LENGTH_BYTES) throw invalid('there is no header', { bytes: bytes.length });
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > BigInt(Math.min(HEADER_BYTES_MAX, bytes.length - LENGTH_BYTES))) {
    throw invalid('the header is longer than the file or the format allow', { headerBytes: String(length) });
  }
  const start = LENGTH_BYTES + Number(length);
  const { text, header } = parseHeader(bytes.subarray(LENGTH_BYTES, start));
  const seen = new Set<string>();
  for (const key of topLevelKeys(text)) {
    if (seen.has(key)) throw invalid('a name comes twice', { name: key });
    seen.add(key);
  }
  return { header, start };
}

function parseHeader(bytes: Uint8Array): { text: string; header: Record<string, unknown> } {
  let header: unknown;
  let text = '';
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    header = JSON.parse(text);
  } catch (cause) {
    throw invalid('the header is not JSON', {}, cause);
  }
  if (!text.startsWith('{')) throw invalid('the header is not an object', {});
  return { text, header: header as Record<string, unknown> };
}

function readEntry(name: string, entry: unknown) {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  if (!isDtype(dtype)) throw invalid('the element type is not one of F32, I32, U32', { name, dtype });
  if (!isCounts(shape)) throw invalid('the shape is not a list of counts', { name, shape });
  if (!isCounts(offsets) || offsets.length !== 2) throw invalid('the offsets are not two counts', { name });
  const [begin = 0, end = 0] = offsets;
  const size = sizeOf(shape);
  if (end - begin !== size * ELEMENT_BYTES)
    throw invalid('the shape does not fit the offsets', { name, shape });
  return { name, dtype, shape, begin, end };
}

function readMetadata(metadata: unknown): Record<string, string> {
  const isObject = typeof metadata === 'object' && metadata !== null && !Array.isArray(metadata);
  if (!isObject || Object.values(metadata).some((value) => typeof value !== 'string')) {
    throw invalid('the metadata is not a map of strings', {});
  }
  return metadata as Record<string, string>;
}

function viewAs(dtype: Dtype, bytes: Uint8Array, from: number, to: number): TensorData {
  const aligned =
    (bytes.byteOffset + from) % ELEMENT_BYTES === 0 ? bytes.subarray(from, to) : bytes.slice(from, to);
  return new DTYPES[dtype](aligned.buffer as ArrayBuffer, aligned.byteOffset, (to - from) / ELEMENT_BYTES);
}

/** Elements in a shape; not a number one can trust above 2^53, hence refused there. */
function sizeOf(shape: readonly number[]): number {
  const size = shape.reduce((product, extent) => product * extent, 1);
  if (!Number.isSafeInteger(size * ELEMENT_BYTES)) throw invalid('the shape is beyond any memory', { shape });
  return size;
}

const dtypeOf = (data: TensorData): Dtype =>
  data instanceof Float32Array ? 'F32' : data instanceof Int32Array ? 'I32' : 'U32';
const isDtype = (value: unknown): value is Dtype => typeof value === 'string' && Object.hasOwn(DTYPES, value);
const isCounts = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((count) => Number.isSafeInteger(count) && count >= 0);

function invalid(problem: string, details: Record<string, unknown>, cause?: unknown): EsperError {
  const hint = 'the file was damaged or written by another tool; use an older one';
  return new EsperError('SAFETENSORS_INVALID', `not a safetensors file: ${problem}`, details, {
    hint,
    cause,
  });
}
