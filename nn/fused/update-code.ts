/** Writes what follows a pass: norms of all gradients, then new weights, then what batch norms saw. */
import type { OptimizerConfig } from '../../contracts/run-config.ts';
import type { Parameter } from '../parameter.ts';
import type { Ages } from './ages.ts';
import { type Block, type Group, onLine, type Range } from './block.ts';
import { address, nowhere, type ProgramWriter } from './opcodes.ts';
import type { Follower } from './places.ts';
import type { Site, Span } from './program.ts';

/** Addresses in the arena that an update reads and writes. */
export interface UpdateSite {
  readonly block: Block;
  readonly values: number;
  /** Blocks of moments, as many as the optimiser keeps. */
  readonly moments: readonly number[];
  readonly site: Site;
  readonly wholeBatch: boolean;
  /** Pairs of float32, one for each class of age. */
  readonly corrections: number;
  /** Of a range whose weights are of several ages: a byte for each. */
  readonly classTables: ReadonlyMap<Range, number>;
  readonly ages: Ages;
}

const shared = (at: number) => address('shared', at);

/** Both halves' gradients of a range. */
function slopesOf({ site, wholeBatch }: UpdateSite, { from }: Pick<Range, 'from'>) {
  const [first, second] = site.halves.map((half) => shared(half + site.slopes + 4 * from)) as [
    number,
    number,
  ];
  return { a: first, b: wholeBatch ? nowhere : second };
}

/** Sums of squares of each group's gradient. */
export function writeNorms(writer: ProgramWriter, update: UpdateSite): void {
  for (const { ranges, squaresCell } of update.block.groups) {
    ranges.forEach((range, i) => {
      const cell = shared(squaresCell);
      writer.emit('squares', { ...slopesOf(update, range), count: range.count, cell, add: Math.min(i, 1) });
    });
  }
}

/** The sum of squares of all weights, those that rest among them: not finite when one of them is not. */
export function writeCensus(writer: ProgramWriter, { block, values }: UpdateSite, cell: number): void {
  const resting = { from: block.learning, count: block.count - block.learning };
  [...block.groups.flatMap(({ ranges }) => ranges), resting]
    .filter(({ count }) => count > 0)
    .forEach(({ from, count }, i) => {
      const numbers = { a: shared(values + 4 * from), b: nowhere, count };
      writer.emit('squares', { ...numbers, cell: shared(cell), add: Math.min(i, 1) });
    });
}

/** Gradients of the second half become zero: for a batch of one row, whose second half is empty. */
export function writeEmptySecond(writer: ProgramWriter, { block, site, wholeBatch }: UpdateSite): void {
  if (wholeBatch) return;
  writer.emit('clearBlock', { out: shared(site.halves[1] + site.slopes), count: block.learning });
}

/**
 * The first or the second half of every update. Each weight is on its own, so two threads may have a half each.
 */
export function writeUpdates(
  writer: ProgramWriter,
  config: OptimizerConfig,
  update: UpdateSite,
  half: 0 | 1,
): void {
  for (const group of update.block.groups) {
    for (const range of group.ranges) {
      const middle = Math.min(range.count, onLine(range.count / 2));
      const part = half === 0 ? { from: 0, to: middle } : { from: middle, to: range.count };
      if (part.from < part.to) writeUpdate(writer, config, update, group, range, part);
    }
  }
}

function writeUpdate(
  writer: ProgramWriter,
  config: OptimizerConfig,
  update: UpdateSite,
  group: Group,
  range: Range,
  part: Span,
): void {
  const from = range.from + part.from;
  const at = (block: number) => shared(block + 4 * from);
  const common = {
    ...{ w: at(update.values), ...slopesOf(update, { from }), count: part.to - part.from },
    ...{ rateCell: shared(group.rateCell), scaleCell: shared(group.scaleCell) },
  };
  const decay = range.decays ? config.weightDecay : 0;
  const { beta1, beta2, epsilon } = config;
  if (config.name === 'sgd') writer.emit('sgd', { ...common, decay });
  else if (config.name === 'momentum') {
    writer.emit('momentum', { ...common, speed: at(update.moments[0]!), momentum: config.momentum, decay });
  } else {
    const classes = update.ages.classesOf(range);
    const coupled = config.name === 'adam' ? decay : 0;
    writer.emit('adam', {
      ...common,
      ...{ first: at(update.moments[0]!), second: at(update.moments[1]!) },
      ...{ beta1, rest1: 1 - beta1, beta2, rest2: 1 - beta2, epsilon, coupled, decoupled: decay - coupled },
      corrections: shared(update.corrections + (typeof classes === 'number' ? 8 * classes : 0)),
      classes: typeof classes === 'number' ? nowhere : shared(update.classTables.get(range)! + part.from),
    });
  }
}

/** Running figures move towards what the live pass's batch norms saw. */
export function writeFollowers(
  writer: ProgramWriter,
  followers: readonly Follower[],
  { block, values, site }: UpdateSite,
): void {
  for (const { mean, variance, stats, channels, momentum } of followers) {
    const seen = site.halves[0] + site.buffers + site.layout.offsets.get(stats)!;
    const running = (parameter: Parameter) => shared(values + 4 * block.offsets.get(parameter)!);
    const common = { count: channels, momentum, rest: 1 - momentum };
    writer.emit('follow', { running: running(mean), batch: shared(seen), ...common });
    writer.emit('follow', { running: running(variance), batch: shared(seen + 8 * channels), ...common });
  }
}
