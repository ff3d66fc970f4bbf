/** Nodes and units to place, with what does not matter filled in. */
import {
  type NodeFacts,
  type PlacementRecord,
  TaskFeedback,
  type UnitSpec,
} from '../../../contracts/index.ts';
import type { Picture } from '../../../runtime/placement/index.ts';

export const unit = (name: string, rest: Partial<UnitSpec> = {}): UnitSpec => ({
  unit: name,
  actors: [name],
  labels: [],
  apart: [],
  near: [],
  needs: {},
  warm: 0,
  handover: 'state',
  ...rest,
});

export const node = (name: string, rest: Partial<NodeFacts> = {}): NodeFacts => ({
  v: 1,
  name,
  labels: [],
  memoryMb: 8_000,
  freeMemoryMb: 6_000,
  cores: 8,
  load: 1,
  gpus: 0,
  freeGpus: 0,
  engine: 'test',
  loopDelayMs: 1,
  latencyMs: {},
  cordoned: false,
  starvingMs: 0,
  overcommit: 0,
  ioHeat: 0,
  able: ['a', 'b', 'c', 'd'],
  warm: [],
  units: [],
  ...rest,
});

export const record = (units: readonly UnitSpec[], rest: Partial<PlacementRecord> = {}): PlacementRecord => ({
  v: 1,
  epoch: 1,
  plan: { generation: 1, units: [...units] },
  stopped: [],
  cordoned: [],
  draining: [],
  leaving: {},
  wished: {},
  ...rest,
});

/** All within reach, and nothing under way. @param known where units are taken to run */
export const picture = (
  nodes: readonly NodeFacts[],
  known: Readonly<Record<string, string>> = {},
): Picture => ({
  nodes: nodes.map((facts) => ({ name: facts.name, state: 'up', facts })),
  known: new Map(Object.entries(known)),
  underWay: new Map(),
});

/** What a scheduler of tasks says whose worst wait that was, in milliseconds. */
export const feedback = (worstWaitMs: number, rest: Partial<TaskFeedback> = {}): TaskFeedback =>
  TaskFeedback.of({
    actor: 'esper/kitchen',
    scheduler: 'tasks',
    intervalMs: 1_000,
    ready: 3,
    waiting: 0,
    steps: 10,
    turns: 2,
    spentTurns: 1,
    starvation: [0, worstWaitMs, 0, 0, 0].map((ms) => ({ ready: 0, worstWaitMs: ms })),
    overcommit: 0,
    ioHeat: [],
    ...rest,
  });
