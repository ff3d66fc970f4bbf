/** The state packet in columns: one block of numbers and one text instead of an object per seed, for a fraction of the time. */
import { guardSize, malformed } from './codec-guard.ts';
import { type SeedState, type SlotState, SystemStatePacket } from './packet.ts';
import { SEED_STAGES, stageNumber } from './seed.ts';

/**
 * Number of this layout. Raise it with any change of order or columns.
 *
 * First the block, little-endian float64, lossless for every count and reading; NaN stands for null, a reading is never
 * NaN itself. It holds the header, a row for each seed, a row for each slot, the metrics, and the length of each string
 * in UTF-16 units. Then one UTF-8 text, all strings without anything between them: run id, seed ids, vacant ids slot
 * by slot, slot names, other names, metric names.
 */
const LAYOUT = 2;
const HEADER = 20;
const SEED_COLUMNS = 16;
const SLOT_COLUMNS = 6;

const toUtf8 = new TextEncoder();
const fromUtf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Where blocks are built and aligned, and texts encoded: nothing else may hold them across a call. */
let block = new Float64Array(2048);
let blockBytes = new Uint8Array(block.buffer);
let textBytes = new Uint8Array(4096);

function reserve(numbers: number): void {
  if (block.length >= numbers) return;
  block = new Float64Array(2 * numbers);
  blockBytes = new Uint8Array(block.buffer);
}

/** Names, each once; rows hold their positions. */
class Names {
  readonly all: string[] = [];
  #last = 0;

  /** Names come in runs and in turns, so the last one and the next are tried before the rest. */
  position(name: string): number {
    if (this.all[this.#last] === name) return this.#last;
    const next = this.#last + 1;
    const known = this.all[next] === name ? next : this.all.indexOf(name);
    this.#last = known >= 0 ? known : this.all.push(name) - 1;
    return this.#last;
  }
}

/**
 * Packs a state packet; lossless. The answer owns its memory and may be transferred to another thread.
 * @throws CODEC_TOO_LARGE
 */
export function encodePacket(packet: SystemStatePacket): Uint8Array {
  const { seeds, slots, trainingMetrics } = packet;
  const metrics = Object.keys(trainingMetrics);
  const [vacant, slotIds, names] = [[] as string[], new Names(), new Names()];
  for (const slot of slots) {
    slotIds.position(slot.slotId);
    for (const seedId of slot.vacant) vacant.push(seedId);
  }
  // at most: two names for each seed and slot
  const strings = 1 + 3 * seeds.length + vacant.length + 2 * slots.length + metrics.length;
  reserve(HEADER + SEED_COLUMNS * seeds.length + SLOT_COLUMNS * slots.length + metrics.length + strings);
  const out = block;
  let at = HEADER;
  let text = packet.runId;
  for (const seed of seeds) at = writeSeed(out, at, seed, slotIds, names);
  for (const slot of slots) at = writeSlot(out, at, slot, slotIds, names);
  for (const metric of metrics) out[at++] = trainingMetrics[metric] as number;
  out[at++] = text.length;
  for (const { seedId } of seeds) {
    text += seedId;
    out[at++] = seedId.length;
  }
  for (const words of [vacant, slotIds.all, names.all, metrics]) {
    for (const word of words) {
      text += word;
      out[at++] = word.length;
    }
  }
  writeHeader(packet, [at, vacant.length, slotIds.all.length, names.all.length, metrics.length]);
  return joined(at, text);
}

function joined(numbers: number, text: string): Uint8Array {
  if (textBytes.length < 3 * text.length) textBytes = new Uint8Array(6 * text.length);
  const { written } = toUtf8.encodeInto(text, textBytes);
  const bytes = new Uint8Array(8 * numbers + written);
  guardSize(bytes);
  bytes.set(blockBytes.subarray(0, 8 * numbers));
  bytes.set(textBytes.subarray(0, written), 8 * numbers);
  return bytes;
}

function writeHeader(packet: SystemStatePacket, counts: readonly number[]): void {
  block[0] = LAYOUT;
  block[1] = packet.seeds.length;
  block[2] = packet.slots.length;
  block.set(counts, 3);
  block[8] = packet.boundary;
  block[9] = packet.tick;
  block[10] = packet.regular ? 1 : 0;
  block[11] = packet.epoch;
  block[12] = packet.step;
  block[13] = packet.totalEpochs;
  block[14] = packet.ticksLeft;
  block[15] = packet.trainingLoss ?? Number.NaN;
  block[16] = packet.validationLoss ?? Number.NaN;
  block[17] = packet.validationAccuracy ?? Number.NaN;
  block[18] = packet.hostParameters;
  block[19] = packet.liveParameters;
}

function writeSeed(out: Float64Array, at: number, seed: SeedState, slotIds: Names, names: Names): number {
  out[at] = stageNumber(seed.stage);
  out[at + 1] = slotIds.position(seed.slotId);
  out[at + 2] = names.position(seed.blueprintId);
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
  return at + SEED_COLUMNS;
}

function writeSlot(out: Float64Array, at: number, slot: SlotState, slotIds: Names, names: Names): number {
  out[at] = slotIds.position(slot.slotId);
  out[at + 1] = names.position(slot.span);
  out[at + 2] = slot.vacant.length;
  out[at + 3] = slot.embargo;
  out[at + 4] = slot.room ?? Number.NaN;
  out[at + 5] = slot.width ?? Number.NaN;
  return at + SLOT_COLUMNS;
}

/**
 * Reads a packet back. The shape of the columns is checked here, values are not: at a border give the answer to `SystemStatePacket.parse`.
 * @throws CODEC_MALFORMED, CODEC_TOO_LARGE
 */
export function decodePacket(bytes: Uint8Array): unknown {
  guardSize(bytes);
  reserve(Math.ceil(bytes.length / 8));
  blockBytes.set(bytes);
  const { numbers, seeds, slots, vacant, slotIds, names, metrics } = readCounts(bytes.length);
  const slotsAt = HEADER + SEED_COLUMNS * seeds;
  const metricsAt = slotsAt + SLOT_COLUMNS * slots;
  const strings = new Strings(fromUtf8.decode(bytes.subarray(8 * numbers)), metricsAt + metrics);
  const runId = strings.next();
  const seedIds = strings.take(seeds);
  const words = { vacant: strings.take(vacant), slotIds: strings.take(slotIds), names: strings.take(names) };
  const readings = strings
    .take(metrics)
    .map((metric, i) => [metric, block[metricsAt + i] as number] as const);
  strings.end();
  const seedStates = new Array<SeedState>(seeds);
  for (let i = 0; i < seeds; i++) {
    seedStates[i] = readSeed(block, HEADER + SEED_COLUMNS * i, seedIds[i] as string, words);
  }
  return assembled(block, {
    runId,
    seeds: seedStates,
    slots: readSlots(block, slotsAt, slots, words),
    trainingMetrics: Object.fromEntries(readings),
  });
}

interface Words {
  readonly vacant: readonly string[];
  readonly slotIds: readonly string[];
  readonly names: readonly string[];
}

/** How much there is of everything, when that and nothing else explains where the text begins. */
function readCounts(length: number) {
  if (length < 8 * HEADER || block[0] !== LAYOUT)
    throw malformed(`no packet in layout ${LAYOUT}`, { length });
  const counts = {
    seeds: count(1),
    slots: count(2),
    numbers: count(3),
    vacant: count(4),
    slotIds: count(5),
    names: count(6),
    metrics: count(7),
  };
  const { numbers, seeds, slots, vacant, slotIds, names, metrics } = counts;
  const rows = SEED_COLUMNS * seeds + SLOT_COLUMNS * slots;
  const strings = 1 + seeds + vacant + slotIds + names + metrics;
  if (numbers !== HEADER + rows + metrics + strings || 8 * numbers > length) {
    throw malformed('the columns of a packet do not fit', { length, ...counts });
  }
  return counts;
}

function count(at: number): number {
  const value = block[at] as number;
  if (Number.isInteger(value) && value >= 0) return value;
  throw malformed('a packet counts something that cannot be counted', { at, value });
}

/** Cuts a text into strings, by the lengths in the block. */
class Strings {
  #from = 0;
  readonly #text: string;
  #at: number;

  constructor(text: string, at: number) {
    this.#text = text;
    this.#at = at;
  }

  next(): string {
    const until = this.#from + (block[this.#at++] as number);
    if (!(until >= this.#from && until <= this.#text.length)) throw misfit(this.#text);
    const word = this.#text.slice(this.#from, until);
    this.#from = until;
    return word;
  }

  take(count: number): string[] {
    const words = new Array<string>(count);
    for (let i = 0; i < count; i++) words[i] = this.next();
    return words;
  }

  /** Nothing may be left. */
  end(): void {
    if (this.#from !== this.#text.length) throw misfit(this.#text);
  }
}

const misfit = ({ length }: string) => malformed('the text of a packet does not fit its lengths', { length });

/** The header's columns around the parts. */
function assembled(
  table: Float64Array,
  {
    runId,
    seeds,
    slots,
    trainingMetrics,
  }: Pick<SystemStatePacket, 'runId' | 'seeds' | 'slots' | 'trainingMetrics'>,
) {
  return {
    type: SystemStatePacket.type,
    v: SystemStatePacket.v,
    runId,
    boundary: table[8],
    tick: table[9],
    regular: table[10] === 1,
    epoch: table[11],
    step: table[12],
    totalEpochs: table[13],
    ticksLeft: table[14],
    trainingLoss: reading(table, 15),
    validationLoss: reading(table, 16),
    validationAccuracy: reading(table, 17),
    hostParameters: table[18],
    liveParameters: table[19],
    seeds,
    slots,
    trainingMetrics,
  };
}

function readSeed(table: Float64Array, at: number, seedId: string, { slotIds, names }: Words): SeedState {
  const stage = SEED_STAGES[table[at] as number];
  const slotId = slotIds[table[at + 1] as number];
  const blueprintId = names[table[at + 2] as number];
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
    gradientNorm: reading(table, at + 6),
    gradientRatio: reading(table, at + 7),
    seedLoss: reading(table, at + 8),
    hostLoss: reading(table, at + 9),
    contribution: reading(table, at + 10),
    improvementSinceBirth: reading(table, at + 11),
    parameters: table[at + 12] as number,
    units: table[at + 13] as number,
    refusals: table[at + 14] as number,
    failures: table[at + 15] as number,
  };
}

function readSlots(
  table: Float64Array,
  from: number,
  count: number,
  { vacant, slotIds, names }: Words,
): SlotState[] {
  const slots = new Array<SlotState>(count);
  let taken = 0;
  for (let i = 0, at = from; i < count; i++, at += SLOT_COLUMNS) {
    const slotId = slotIds[table[at] as number];
    const span = names[table[at + 1] as number];
    const until = taken + (table[at + 2] as number);
    if (slotId === undefined || span === undefined || !(until >= taken && until <= vacant.length)) {
      throw malformed('a slot without name, span or vacancies', { slot: i });
    }
    slots[i] = {
      slotId,
      span,
      vacant: vacant.slice(taken, until),
      embargo: table[at + 3] as number,
      room: reading(table, at + 4),
      width: reading(table, at + 5),
    };
    taken = until;
  }
  if (taken !== vacant.length) throw malformed('vacancies without a slot', { vacant: vacant.length });
  return slots;
}

function reading(table: Float64Array, at: number): number | null {
  const value = table[at] as number;
  return Number.isNaN(value) ? null : value;
}
