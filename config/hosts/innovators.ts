/** The four who make kernels, each with the tools of this machine: together in one thread, or each in one of its own. */
import { setImmediate as turn } from 'node:timers/promises';
import { karn } from '../../actors/karn/actor.ts';
import { tezzeret } from '../../actors/tezzeret/actor.ts';
import { seated } from '../../actors/tree.ts';
import { urabrask } from '../../actors/urabrask/actor.ts';
import type { ProbeBench } from '../../actors/urabrask/readings.ts';
import { urza } from '../../actors/urza/actor.ts';
import { Shelf } from '../../actors/urza/shelf.ts';
import { checkBlueprint, kernelParameters } from '../../nn/blueprint-check.ts';
import { standardCatalogue } from '../../nn/blueprints/index.ts';
import type { Bus, WorkerSpec } from '../../runtime/index.ts';
import { engine } from '../engine.ts';
import { type HostPorts, sha256Of } from './ports.ts';

/** In the order they are started. */
export const INNOVATORS = ['urza', 'karn', 'tezzeret', 'urabrask'] as const;
export type Innovator = (typeof INNOVATORS)[number];

/** Those with something to lose when they move; Urabrask measures from nothing each time. */
export const GIVERS = ['urza', 'karn', 'tezzeret'] as const satisfies readonly Innovator[];
/** By actor; what each had on the node it came from, unchecked. */
export type Given = Readonly<Partial<Record<Innovator, unknown>>>;

/** @param library folder of Urza's shelf, shared by all runs */
export function innovatorSeats(
  bus: Bus,
  ports: HostPorts,
  library: string,
  given: Given = {},
): Readonly<Record<Innovator, () => WorkerSpec>> {
  const sha256 = sha256Of(ports.hasher);
  return {
    urza: () =>
      seated([urza, { bus, shelf: new Shelf(ports.disk, library, sha256), engine, given: given.urza }]),
    karn: () => seated([karn, { bus, templates: standardCatalogue, given: given.karn }]),
    tezzeret: () =>
      seated([
        tezzeret,
        {
          bus,
          tools: { check: checkBlueprint, parameters: kernelParameters, sha256 },
          given: given.tezzeret,
        },
      ]),
    urabrask: () => seated([urabrask, { bus, bench: probeBench(ports) }]),
  };
}

/** Tensors take half a second to load, and a library that has certificates for everything needs none. */
function probeBench(ports: HostPorts): ProbeBench {
  let opened: Promise<ProbeBench> | null = null;
  return {
    engine,
    measure: async (kernel) => {
      opened ??= openBench(ports);
      return (await opened).measure(kernel);
    },
  };
}

async function openBench({ clock }: HostPorts): Promise<ProbeBench> {
  const [{ openTensorRuntime }, { createProbeBench }] = await Promise.all([
    import('../../nn/index.ts'),
    import('../../actors/urabrask/probe-bench.ts'),
  ]);
  return createProbeBench({
    // Small nets, judged alike wherever they are judged; and a GPU belongs to the training thread.
    runtime: await openTensorRuntime('auto', { among: ['wasm', 'cpu'] }),
    engine,
    nowMs: () => clock.nowMs(),
    // meanwhile Urza shelves what was judged before
    rest: () => turn(),
  });
}
