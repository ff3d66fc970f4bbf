import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { karn } from '../../../actors/karn/actor.ts';
import { oona } from '../../../actors/oona/actor.ts';
import { openNetworkBus } from '../../../actors/oona/network-bus.ts';
import { type Listener, routesOf } from '../../../actors/oona/routes.ts';
import { tezzeret } from '../../../actors/tezzeret/actor.ts';
import { urabrask } from '../../../actors/urabrask/actor.ts';
import type { ProbeBench, Readings } from '../../../actors/urabrask/readings.ts';
import { urza } from '../../../actors/urza/actor.ts';
import { askForCatalogue, serveCatalogues } from '../../../config/cluster/catalogue-desk.ts';
import { type BlueprintIR, CatalogueRequested, randomStream } from '../../../contracts/index.ts';
import { checkBlueprint, kernelParameters, standardCatalogue } from '../../../nn/index.ts';
import { memoryLog } from '../../../runtime/adapters/memory/log.ts';
import { memoryMetrics } from '../../../runtime/adapters/memory/metrics.ts';
import { nodeHasher } from '../../../runtime/adapters/node/hasher.ts';
import { nodeIds } from '../../../runtime/adapters/node/ids.ts';
import { type Bus, startSystem, supervisor, type WorkerSpec, worker } from '../../../runtime/index.ts';
import { sha256 } from '../../actors/urza/examples.ts';
import { type BreakableServer, breakableServer, clock, programs } from '../nats/support/server.ts';

/** Letters of the description that makes a kernel large. */
const MEGABYTE = 2 ** 20;
const limits = { strategy: 'one_for_one', intensity: 1, periodMs: 1_000 } as const;

/** All is well with every kernel. */
const readings: Readings = {
  crashed: null,
  finiteNormal: true,
  finiteLarge: true,
  finiteZero: true,
  finiteAdversarial: true,
  finiteTraining: true,
  outputRange: 1,
  identity: true,
  gradientNorm: 1,
  smallestGradient: 1,
  precisionError: 0,
  lossChange: -0.5,
  oscillation: 0,
  stepP50Ms: 1,
  stepP95Ms: 1,
  latencyRatio: 1,
  bytes: 1_000,
  leakedTensors: 0,
};
const bench: ProbeBench = { engine: 'test', measure: async () => readings };

/** Standard plans, each with a long story. */
const talkative: typeof standardCatalogue = (activation, rows) =>
  standardCatalogue(activation, rows)
    .slice(0, 3)
    .map((plan, place) => ({ ...plan, description: `${place}`.repeat(MEGABYTE) }));

describe.each(programs)('kernels of one megabyte, over $version', (program) => {
  let server: BreakableServer;
  const ends: (() => Promise<unknown>)[] = [];
  beforeEach(async () => {
    server = await breakableServer(program);
  });
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
    await server.end();
  });

  const open = async (node: string) => {
    const ports = { clock, hasher: nodeHasher(), ids: nodeIds(), log: memoryLog(), metrics: memoryMetrics() };
    const bus = await openNetworkBus({ ...ports, ...(await server.open(node)) }, { node, epoch: 1 });
    ends.push(async () => bus.close());
    return { bus, ports };
  };

  /** One unit on a node of its own. */
  const place = async (unit: Exclude<Listener, 'nissa'>, specOf: (bus: Bus) => WorkerSpec) => {
    const { bus, ports } = await open(unit);
    const routes = routesOf(unit, `esper/${unit}`);
    const ears = worker(oona, { args: { bus, routes, deliverWithinMs: 30_000 } });
    const tree = supervisor('esper', limits, [specOf(bus), ears]);
    const system = await startSystem(tree, { ...ports, random: randomStream(1) });
    ends.push(() => system.stop());
    return { bus, system };
  };

  it('are proposed, made, shelved and measured on four nodes, and chosen from on a fifth', async () => {
    const tools = { check: checkBlueprint, parameters: kernelParameters, sha256 };
    await place('karn', (bus) => worker(karn, { args: { bus, templates: talkative } }));
    await place('tezzeret', (bus) => worker(tezzeret, { args: { bus, tools } }));
    await place('urabrask', (bus) => worker(urabrask, { args: { bus, bench } }));
    const library = await place('urza', (bus) =>
      worker(urza, { args: { bus, shelf: null, engine: 'test' } }),
    );
    const desk = { bus: library.bus, clock, urza: library.system.ref<CatalogueRequested>('esper/urza') };
    const close = serveCatalogues(desk, 4);
    ends.push(async () => close());
    const trainer = await open('trainer');

    const request = CatalogueRequested.of({
      requestId: 'r-1',
      activation: 'tanh',
      rows: 'vector',
      families: [],
      spans: [],
      poisoned: 0,
      withinMs: 60_000,
    });
    const ready = await askForCatalogue({ bus: trainer.bus, clock }, request, 70_000);

    expect([ready.quarantined, ready.late]).toEqual([[], []]);
    const storyOf = ({ id, description }: BlueprintIR) => [id, description.length, sha256(description)];
    expect(ready.catalogue.map(({ kernel }) => storyOf(kernel.blueprint)).sort()).toEqual(
      talkative('tanh', 'vector').map(storyOf).sort(),
    );
    expect(library.bus.network()).toMatchObject({ lost: 0, refused: 0 });
  });
});
