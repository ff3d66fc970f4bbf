import { beforeAll, describe, expect, it } from 'vitest';
import { karn } from '../../../actors/karn/actor.ts';
import { POISON_KINDS } from '../../../actors/karn/poisoned.ts';
import { nissa } from '../../../actors/nissa/actor.ts';
import type { Status } from '../../../actors/nissa/behaviour.ts';
import { oona } from '../../../actors/oona/actor.ts';
import { InProcessBus } from '../../../actors/oona/in-process-bus.ts';
import { innovationRoutes, observerRoutes } from '../../../actors/oona/routes.ts';
import { tezzeret } from '../../../actors/tezzeret/actor.ts';
import { urabrask } from '../../../actors/urabrask/actor.ts';
import { createProbeBench } from '../../../actors/urabrask/probe-bench.ts';
import type { ProbeBench } from '../../../actors/urabrask/readings.ts';
import { urza } from '../../../actors/urza/actor.ts';
import { prepareCatalogue } from '../../../actors/urza/prepare-catalogue.ts';
import { Shelf } from '../../../actors/urza/shelf.ts';
import {
  BlueprintQuarantined,
  type CatalogueReady,
  type CatalogueRequested,
  EsperError,
  randomStream,
  StatusRequested,
  TOPICS,
} from '../../../contracts/index.ts';
import { checkBlueprint, kernelParameters, openTensorRuntime, standardCatalogue } from '../../../nn/index.ts';
import { memoryClock } from '../../../runtime/adapters/memory/clock.ts';
import { memoryDisk } from '../../../runtime/adapters/memory/disk.ts';
import { memoryIds } from '../../../runtime/adapters/memory/ids.ts';
import { memoryLog } from '../../../runtime/adapters/memory/log.ts';
import { memoryMetrics } from '../../../runtime/adapters/memory/metrics.ts';
import { type Disk, startSystem, supervisor, worker } from '../../../runtime/index.ts';
import { sha256 } from './examples.ts';

let realBench: ProbeBench;
beforeAll(async () => {
  const runtime = await openTensorRuntime('auto');
  realBench = createProbeBench({ runtime, engine: 'test', nowMs: () => performance.now() });
});

const one = (id: string) => ({ strategy: 'one_for_one' as const, intensity: 20, periodMs: 60_000, id });

/** The innovation plane as a run has it, on a clock that the test moves. */
async function open({ bench = realBench, disk = memoryDisk() }: { bench?: ProbeBench; disk?: Disk } = {}) {
  const clock = memoryClock();
  const ids = memoryIds();
  const metrics = memoryMetrics();
  const bus = new InProcessBus({ clock, ids });
  const at = (name: string) => `esper/${name}`;
  const routes = [
    ...innovationRoutes({
      karn: at('innovation/karn'),
      tezzeret: at('innovation/tezzeret'),
      urabrask: at('innovation/urabrask'),
      urza: at('urza'),
    }),
    ...observerRoutes(at('nissa')),
  ];
  const tools = { check: checkBlueprint, parameters: kernelParameters, sha256 };
  const shelf = new Shelf(disk, 'home/urza', sha256);
  const tree = supervisor('esper', { ...one('esper'), strategy: 'rest_for_one' }, [
    worker(nissa, { args: {} }),
    worker(oona, { args: { bus, routes, deliverWithinMs: 60_000 } }),
    worker(urza, { args: { bus, shelf, engine: bench.engine } }),
    supervisor('innovation', one('innovation'), [
      worker(karn, { args: { bus, templates: standardCatalogue } }),
      worker(tezzeret, { args: { bus, tools } }),
      worker(urabrask, { args: { bus, bench } }),
    ]),
  ]);
  const system = await startSystem(tree, { clock, ids, metrics, log: memoryLog(), random: randomStream(1) });
  let n = 0;
  const prepare = async (wanted: Partial<CatalogueRequested> = {}, passMs = 0): Promise<CatalogueReady> => {
    const requestId = `r-${++n}`;
    const request = {
      requestId,
      activation: 'tanh' as const,
      rows: 'vector' as const,
      families: [],
      spans: [],
      poisoned: 0,
      withinMs: 30_000,
    };
    const ready = prepareCatalogue({ bus, clock, urza: system.ref(at('urza')) }, { ...request, ...wanted });
    // Whoever awaits the answer handles a refusal; until then it is not unhandled.
    ready.catch(() => undefined);
    await clock.advance(passMs);
    return ready;
  };
  return { clock, bus, system, metrics, prepare, disk, stop: () => system.stop() };
}

const idsOf = ({ catalogue }: CatalogueReady) => catalogue.map(({ kernel }) => kernel.blueprint.id);
const still = (measured: string[] = []): ProbeBench => ({
  engine: 'test',
  async measure({ blueprint }) {
    measured.push(blueprint.id);
    throw new Error('this bench is broken');
  },
});

describe('the innovation plane', () => {
  it('certifies the standard catalogue, stops every poison, and starts the second run from the shelf', async () => {
    const disk = memoryDisk();
    const first = await open({ disk });
    const ready = await first.prepare({ poisoned: POISON_KINDS.length });
    const status = await first.system
      .ref('esper/nissa')
      .ask<Status>(StatusRequested.of({ limit: 10 }), { withinMs: 1_000 });
    const counters = first.bus.counters();
    await first.stop();

    const standard = standardCatalogue('tanh').map(({ id }) => id);
    expect(idsOf(ready)).toEqual([...standard].sort());
    expect(ready.quarantined.map(({ blueprintId }) => blueprintId)).toEqual(
      POISON_KINDS.map((kind) => `experimental-${kind}`).sort(),
    );
    expect(ready.quarantined.every(({ reasons }) => reasons.length > 0)).toBe(true);
    expect(ready).toMatchObject({ late: [], fromShelf: 0 });
    expect(status.counters).toMatchObject({ 'esper_blueprints{status=VALIDATED}': standard.length });
    expect(counters).toMatchObject({ shed: 0, dead: 0, queued: 0, handled: counters.published });

    const second = await open({ disk, bench: still() });
    const again = await second.prepare();
    await second.stop();
    expect(again).toEqual({ ...ready, requestId: 'r-1', quarantined: [], fromShelf: standard.length });
  }, 60_000);

  it('prepares only what fits the families and spans asked for', async () => {
    const plane = await open();
    const ready = await plane.prepare({ families: ['cascade'], spans: ['cascade'] });
    await plane.stop();

    expect(idsOf(ready)).toEqual(['cascade-1-gaussian', 'cascade-1-sigmoid', 'cascade-1-tanh']);
  });

  it('bars a kernel that its bench could not survive, and goes on with the next', async () => {
    const measured: string[] = [];
    const plane = await open({ bench: still(measured) });
    const ready = await plane.prepare({ families: ['cascade'] }, 20_000);
    await plane.stop();

    expect(ready.catalogue).toEqual([]);
    expect(ready.quarantined).toHaveLength(3);
    expect(ready.quarantined.every(({ reasons }) => reasons[0] === 'undeliverable')).toBe(true);
    // Twice each, by the runtime; Oona adds no crash to that.
    expect(measured).toHaveLength(6);
    expect(new Set(measured).size).toBe(3);
  });

  it('answers at the deadline with what is done, and names the rest', async () => {
    const stuck: ProbeBench = { engine: 'test', measure: () => new Promise(() => undefined) };
    const plane = await open({ bench: stuck });
    const ready = await plane.prepare({ families: ['cascade'], withinMs: 5_000 }, 5_000);

    expect(ready).toMatchObject({ catalogue: [], quarantined: [], tookMs: 5_000 });
    expect(ready.late).toEqual(['cascade-1-gaussian', 'cascade-1-sigmoid', 'cascade-1-tanh']);
    const stopped = plane.stop();
    await plane.clock.advance(60_000);
    await stopped;
  });

  it('goes on in memory, and says so, when the disk is full', async () => {
    const full = new EsperError('DISK_FULL', 'no space left');
    const disk: Disk = Object.assign(memoryDisk(), { writeAtomic: () => Promise.reject(full) });
    const plane = await open({ disk });
    const ready = await plane.prepare({ families: ['cascade'] });
    await plane.stop();

    expect(idsOf(ready)).toHaveLength(3);
    const failed = { store: 'urza', op: 'write', outcome: 'failed' };
    expect(plane.metrics.value('esper_store_requests_total', failed)).toBeGreaterThan(0);
  });

  it('starts without its shelf when the disk cannot be read', async () => {
    const broken = new EsperError('DISK_FAILED', 'input/output error');
    const plane = await open({ disk: Object.assign(memoryDisk(), { list: () => Promise.reject(broken) }) });
    const ready = await plane.prepare({ families: ['cascade'] });
    await plane.stop();

    expect(idsOf(ready)).toHaveLength(3);
    const failed = { store: 'urza', op: 'read', outcome: 'failed' };
    expect(plane.metrics.value('esper_store_requests_total', failed)).toBe(1);
  });

  it('keeps what the field found harmful out of later catalogues, over a restart as well', async () => {
    const disk = memoryDisk();
    const plane = await open({ disk });
    await plane.prepare({ families: ['cascade'] });
    const found = { blueprintId: 'cascade-1-tanh', reasons: ['not_finite'], by: 'tolaria' };
    plane.bus.publish(TOPICS.blueprintQuarantined, BlueprintQuarantined.of(found));
    await plane.clock.settle();
    const ready = await plane.prepare({ families: ['cascade'] });
    await plane.stop();

    expect(idsOf(ready)).toEqual(['cascade-1-gaussian', 'cascade-1-sigmoid']);
    expect(ready.quarantined).toEqual([{ blueprintId: 'cascade-1-tanh', reasons: ['not_finite'] }]);

    const later = await open({ disk, bench: still() });
    expect(idsOf(await later.prepare({ families: ['cascade'] }))).toEqual(idsOf(ready));
    await later.stop();
  });
});
