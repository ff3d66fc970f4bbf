/** Compiles a training step of a network as it is now: pass, norms and updates, and where everything lies. */
import type { OptimizerConfig } from '../../contracts/run-config.ts';
import type { HostState, Seed } from '../host-state.ts';
import { momentCountOf } from '../optimizer.ts';
import type { Parameter } from '../parameter.ts';
import { inputShapeOf } from '../slots.ts';
import type { HostSpec } from '../types.ts';
import { liveShare } from '../views.ts';
import { type Ages, agesOf, oldestAge } from './ages.ts';
import { writeBackward } from './backward-code.ts';
import { type Block, blockOf, type Group, type Range } from './block.ts';
import { aligned, Cells } from './cells.ts';
import { Draft } from './draft.ts';
import { writeForward } from './forward-code.ts';
import { Fusion } from './fusion.ts';
import { sizeOfShape, widthOfShape } from './graph.ts';
import { type Lesson, traceStep } from './lessons.ts';
import { address, nowhere } from './opcodes.ts';
import { Places } from './places.ts';
import { finishProgram, type Ground, type Program, type Span, writePass } from './program.ts';
import { readersOf } from './readers.ts';
import { Slopes } from './slopes.ts';
import { sizeOfPage, writeStore } from './store-code.ts';
import {
  type UpdateSite,
  writeCensus,
  writeEmptySecond,
  writeFollowers,
  writeNorms,
  writeUpdates,
} from './update-code.ts';

/** A lesson as a step reports it. */
export interface LessonReport {
  /** The isolated seed; null for the host and its live seeds. */
  readonly seedId: string | null;
  /** From the start of a half: the sum of its rows' losses, float64. */
  readonly loss: number;
  readonly groups: readonly Group[];
}

export interface StepProgram extends Program, Ground {
  readonly segments: Readonly<
    Record<
      'pass' | 'emptySecond' | 'norms' | 'update' | 'otherUpdate' | 'census' | 'store' | 'otherStore',
      Span
    >
  >;
  readonly lessons: readonly LessonReport[];
  /** Seeds in the live output, in order. */
  readonly live: readonly Seed[];
  /** Seeds whose share of the output is multiplied, and by what cell; those that are taken whole have none. */
  readonly alphas: ReadonlyMap<string, number>;
  readonly moments: readonly number[];
  readonly inverseRowsCell: number;
  readonly stepCell: number;
  /** Two int32: what the inputs are, and the address of the shelf. Anything but floats only where `takesBytes`. */
  readonly sourceCell: number;
  readonly takesBytes: boolean;
  readonly censusCell: number;
  readonly corrections: number;
  readonly ages: Ages;
  readonly classTables: ReadonlyMap<Range, number>;
  /** Parameters whose running figures a step moves. */
  readonly followed: readonly Parameter[];
  /** Numbers that a step changes: weights, moments, running figures. */
  readonly stored: number;
  /** True when a batch may not be cut: one half, one micro-batch of all its rows. */
  readonly wholeBatch: boolean;
  readonly multiplyAddsPerRow: number;
  readonly inputs: number;
  readonly outputs: number;
}

interface Walk {
  readonly spec: HostSpec;
  readonly state: HostState;
}

/**
 * @param rows of the batch at hand; they matter only where a batch may not be cut
 * @param listing may inputs that are mostly zero be listed?
 * @returns what has no instruction, in words, when something has none
 */
export function compileStep(
  walk: Walk,
  config: OptimizerConfig,
  rows: number,
  listing: boolean,
): StepProgram | string {
  const traced = traceStep(walk);
  if (traced.inexpressible !== null) return traced.inexpressible;
  const cells = new Cells();
  const inverseRowsCell = cells.float();
  const stepCell = cells.float();
  const sourceCell = cells.float(2);
  const censusCell = cells.double();
  const alphas = new Map([...walk.state.seeds.keys()].map((seedId) => [seedId, cells.float()]));
  const draft = new Draft();
  const toList = listing ? address('shared', sourceCell) : null;
  const places = new Places(draft, (seedId) => address('shared', alphas.get(seedId)!), toList);
  const learned = new Set<Parameter>();
  const loss = { spec: walk.spec, inverseRowsCell: address('shared', inverseRowsCell) };
  const readers = readersOf(traced.lessons);
  const fusion = new Fusion(
    traced.lessons.flatMap(({ nodes }) => nodes),
    readers,
  );
  traced.lessons.forEach((lesson, i) => {
    const follows = followsIn(lesson, walk.state);
    const site = { places, fusion, stepCell: address('shared', stepCell), follows };
    for (const node of lesson.nodes) if (readers.reached(node)) writeForward(site, node);
    const slopes = new Slopes(draft);
    writeLoss(places, fusion, slopes, lesson, { ...loss, cell: address('half', 8 * i) });
    for (const node of [...lesson.nodes].reverse()) writeBackward({ ...site, slopes }, node);
    for (const parameter of slopes.learned) learned.add(parameter);
  });
  const block = blockOf(walk.state, learned, cells, config.weightDecay > 0);
  const ages = agesOf(block.learned, oldestAge(config));
  if (ages === null) return 'weights of more than 256 different ages';
  const ground = groundOf(config, block, ages, cells);
  const pass = {
    reserved: 0,
    wholeBatch: places.wholeBatch ? rows : null,
    lossCount: traced.lessons.length,
    slopes: true,
  };
  const written = writePass(draft, ground, pass);
  const update: UpdateSite = { ...ground, site: written.site, wholeBatch: places.wholeBatch, ages };
  const { writer } = written;
  const span = (write: () => void): Span => {
    const from = writer.length;
    write();
    return { from, to: writer.length };
  };
  const followed = places.followers.flatMap(({ mean, variance }) => [mean, variance]);
  const kept = { ...ground, followed };
  const segments = {
    pass: { from: 0, to: writer.length },
    emptySecond: span(() => writeEmptySecond(writer, update)),
    norms: span(() => writeNorms(writer, update)),
    update: span(() => {
      writeUpdates(writer, config, update, 0);
      writeFollowers(writer, places.followers, update);
    }),
    otherUpdate: span(() => writeUpdates(writer, config, update, 1)),
    census: span(() => writeCensus(writer, update, censusCell)),
    store: span(() => writeStore(writer, kept, 0)),
    otherStore: span(() => writeStore(writer, kept, 1)),
  };
  return {
    ...finishProgram(written),
    ...ground,
    ...{ segments, alphas, inverseRowsCell, stepCell, censusCell, ages, sourceCell },
    ...{ wholeBatch: places.wholeBatch, takesBytes: places.takesBytes },
    lessons: traced.lessons.map(({ seedId }, i) => ({
      seedId,
      loss: 8 * i,
      groups: groupsOf(block, seedId, traced.lessons),
    })),
    live: [...walk.state.seeds.values()].filter((seed) => liveShare(seed) !== 0),
    followed,
    stored: sizeOfPage(kept),
    multiplyAddsPerRow: traced.multiplyAddsPerRow,
    inputs: sizeOfShape(inputShapeOf(walk.spec)),
    outputs: widthOfShape(traced.lessons[0]!.output.shape),
  };
}

/** The live pass moves the running figures of all its norms, a seed's own lesson only those of the seed. */
function followsIn({ seedId }: Lesson, { seeds }: HostState): (figures: Parameter) => boolean {
  if (seedId === null) return () => true;
  const own = new Set(seeds.get(seedId)!.body.parameters.values());
  return (figures) => own.has(figures);
}

function writeLoss(
  places: Places,
  fusion: Fusion,
  slopes: Slopes,
  { output }: Lesson,
  {
    spec,
    inverseRowsCell,
    cell,
  }: { readonly spec: HostSpec; readonly inverseRowsCell: number; readonly cell: number },
): void {
  const width = sizeOfShape(output.shape);
  const over = fusion.mayOverwriteOutput(output);
  const gradient = over ? places.bufferOf(output) : places.draft.buffer(width);
  const common = {
    z: places.of(output),
    t: address('targets', 0),
    width,
    inverseRowsCell,
    lossCell: cell,
    addSlope: 0,
  };
  const g = output.needs ? gradient : nowhere;
  places.draft.emit(spec.loss === 'mse' ? 'squareLoss' : 'softmaxLoss', { ...common, g });
  if (output.needs) slopes.begin(output, gradient);
}

/** Lays out what stays: cells, values, moments, classes of age. */
function groundOf({ name, ...config }: OptimizerConfig, block: Block, ages: Ages, cells: Cells) {
  const corrections = cells.float(2 * ages.classes.length);
  const bytes = aligned(4 * block.count);
  const values = aligned(cells.end);
  const count = momentCountOf({ name, ...config });
  const moments = Array.from({ length: count }, (_, i) => values + bytes * (i + 1));
  const classTables = new Map<Range, number>();
  let work = values + bytes * (count + 1);
  for (const { ranges } of count === 2 ? block.groups : []) {
    for (const range of ranges) {
      if (typeof ages.classesOf(range) === 'number') continue;
      classTables.set(range, work);
      work = aligned(work + range.count + 64);
    }
  }
  return { block, values, moments, corrections, classTables, work };
}

/** Groups that learn from a lesson: an isolated seed from its own, everybody else from the live one. */
function groupsOf({ groups }: Block, seedId: string | null, lessons: readonly Lesson[]): readonly Group[] {
  if (seedId !== null) return groups.filter(({ id }) => id === seedId);
  const own = new Set(lessons.map((lesson) => lesson.seedId));
  return groups.filter(({ id }) => !own.has(id));
}
