/** The passes of a training step and of an evaluation, traced: what there is to compile. */
import { outputOf, runIsolated, runLive, type View } from '../forward.ts';
import type { HostState } from '../host-state.ts';
import { inputShapeOf } from '../slots.ts';
import type { HostSpec } from '../types.ts';
import { isolatedView, trainingView } from '../views.ts';
import type { Node } from './graph.ts';
import { Trace } from './trace.ts';

/** One loss, and the nodes that were added to reach it. */
export interface Lesson {
  /** The isolated seed whose own lesson it is; null for the host and its live seeds. */
  readonly seedId: string | null;
  readonly nodes: readonly Node[];
  readonly output: Node;
}

export interface Traced {
  /** The live one first. */
  readonly lessons: readonly Lesson[];
  readonly multiplyAddsPerRow: number;
  /** What has no instruction, in words; null when everything has one. */
  readonly inexpressible: string | null;
}

interface Walk {
  readonly spec: HostSpec;
  readonly state: HostState;
}

/** A step: the live pass, then a lesson of its own for each isolated seed. */
export function traceStep(walk: Walk): Traced {
  const first = new Trace(true);
  const live = runLive(walk, first, trainingView, first.input(inputShapeOf(walk.spec)));
  const traces = [first];
  const lessons: Lesson[] = [{ seedId: null, nodes: first.nodes, output: outputOf(live) }];
  for (const seed of walk.state.seeds.values()) {
    if (seed.mode !== 'isolated') continue;
    const own = new Trace(true);
    const output = runIsolated(walk, own, isolatedView(seed.seedId), live, seed);
    traces.push(own);
    lessons.push({ seedId: seed.seedId, nodes: own.nodes, output });
  }
  return summary(lessons, traces);
}

/** A pass that only looks. */
export function traceLook(walk: Walk, view: View): Traced {
  const trace = new Trace(false);
  const pass = runLive(walk, trace, view, trace.input(inputShapeOf(walk.spec)));
  return summary([{ seedId: null, nodes: trace.nodes, output: outputOf(pass) }], [trace]);
}

const summary = (lessons: readonly Lesson[], traces: readonly Trace[]): Traced => ({
  lessons,
  multiplyAddsPerRow: traces.reduce((sum, { multiplyAdds }) => sum + multiplyAdds, 0),
  inexpressible: traces.find(({ inexpressible }) => inexpressible !== null)?.inexpressible ?? null,
});
