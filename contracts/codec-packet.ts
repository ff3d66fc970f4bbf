/** The state packet in columns: one block of numbers instead of one object per seed, for a fraction of the time. */
import { decode, encode } from './codec.ts';
import { malformed } from './codec-guard.ts';
import type { SeedState, SystemStatePacket } from './packet.ts';
import { SEED_STAGES, stageNumber } from './seed.ts';

/** Number of this layout. Raise it with any change of order or columns, and keep reading the old ones. */
const LAYOUT = 1;
const COLUMNS = 16;
/** Little-endian float64: lossless for every count and reading. NaN stands for null; a reading is never NaN itself. */
const ROW_BYTES = COLUMNS * 8;

type Wire = readonly [
  layout: number,
  /** Everything but the seeds, as it is. */
  rest: Omit<SystemStatePacket, 'seeds'>,
  seedIds: readonly string[],
  /** Slot and blueprint names, each once; the block holds their positions. */
  words: readonly string[],
  block: Uint8Array,
];

/** Where blocks are built and aligned: nothing else may hold it across a call. */
let scratch = new Float64Array(64 * COLUMNS);
let scratchBytes = new Uint8Array(scratch.buffer);

function reserve(seeds: number): void {
  if (scratch.length >= seeds * COLUMNS) return;
  scratch = new Float64Array(seeds * COLUMNS * 2);
  scratchBytes = new Uint8Array(scratch.buffer);
}

/**
 * Packs a state packet; lossless.
 * @throws CODEC_UNENCODABLE, CODEC_TOO_LARGE
 */
export function encodePacket(packet: SystemStatePacket): Uint8Array {
  const { seeds, ...rest } = packet;
  const seedIds = new Array<string>(seeds.length);
  const words: string[] = [];
  reserve(seeds.length);
  for (let i = 0; i < seeds.length; i++) {
    const seed = seeds[i] as SeedState;
    seedIds[i] = seed.seedId;
    writeRow(scratch, i * COLUMNS, seed, words);
  }
  const block = scratchBytes.subarray(0, seeds.length * ROW_BYTES);
  const wire: Wire = [LAYOUT, rest, seedIds, words, block];
  return encode(wire);
}

/**
 * Reads a packet back. The shape of the columns is checked here, values are not: at a border give the answer to `SystemStatePacket.parse`.
 * @throws CODEC_MALFORMED, CODEC_TOO_LARGE
 */
export function decodePacket(bytes: Uint8Array): unknown {
  const wire = decode(bytes);
  if (!isWire(wire)) throw malformed(`no packet in layout ${LAYOUT}`, { bytes: bytes.length });
  const [, rest, seedIds, words, block] = wire;
  reserve(seedIds.length);
  scratchBytes.set(block);
  const seeds = new Array<SeedState>(seedIds.length);
  for (let i = 0; i < seeds.length; i++) {
    seeds[i] = readRow(scratch, i * COLUMNS, seedIds[i] as string, words);
  }
  return { ...rest, seeds };
}

function writeRow(out: Float64Array, at: number, seed: SeedState, words: string[]): void {
  out[at] = stageNumber(seed.stage);
  out[at + 1] = position(words, seed.slotId);
  out[at + 2] = position(words, seed.blueprintId);
  out[at + 3] = seed.alpha;
  out[at + 4] = seed.dwell;
  out[at + 5] = seed.age;
  out[at + 6] = seed.gradientNorm ?? Number.NaN;
  out[at + 7] = seed.gradientRatio ?? Number.NaN;
  out[at + 8] = seed.seedLoss ?? Number.NaN;
  out[at + 9] = seed.hostLoss ?? Number.NaN;
  out[at + 10] = seed.contribution ?? Number.NaN;
  out[at + 11] = seed.improvementSinceBirth ?? Number.NaN;
  out[at + 12] = seed.parameters;
  out[at + 13] = seed.units;
  out[at + 14] = seed.refusals;
  out[at + 15] = seed.failures;
}

/** Few distinct words, so a short scan beats a map. */
function position(words: string[], word: string): number {
  const known = words.indexOf(word);
  return known >= 0 ? known : words.push(word) - 1;
}

function readRow(table: Float64Array, at: number, seedId: string, words: readonly string[]): SeedState {
  const stage = SEED_STAGES[table[at] as number];
  const slotId = words[table[at + 1] as number];
  const blueprintId = words[table[at + 2] as number];
  if (stage === undefined || slotId === undefined || blueprintId === undefined) {
    throw malformed('a seed without stage, slot or blueprint', { seedId });
  }
  return {
    seedId,
    slotId,
    stage,
    blueprintId,
    alpha: table[at + 3] as number,
    dwell: table[at + 4] as number,
    age: table[at + 5] as number,
    gradientNorm: reading(table[at + 6] as number),
    gradientRatio: reading(table[at + 7] as number),
    seedLoss: reading(table[at + 8] as number),
    hostLoss: reading(table[at + 9] as number),
    contribution: reading(table[at + 10] as number),
    improvementSinceBirth: reading(table[at + 11] as number),
    parameters: table[at + 12] as number,
    units: table[at + 13] as number,
    refusals: table[at + 14] as number,
    failures: table[at + 15] as number,
  };
}

const reading = (value: number): number | null => (Number.isNaN(value) ? null : value);

function isWire(wire: unknown): wire is Wire {
  if (!Array.isArray(wire) || wire.length !== 5 || wire[0] !== LAYOUT) return false;
  const [, rest, seedIds, words, block] = wire;
  return (
    typeof rest === 'object' &&
    rest !== null &&
    Array.isArray(seedIds) &&
    Array.isArray(words) &&
    block instanceof Uint8Array &&
    block.length === seedIds.length * ROW_BYTES
  );
}
