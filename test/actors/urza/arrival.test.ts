/** Urza arrives on another node: he knows at once what he knew, his new shelf gets it by and by, and he names what is missing. */
import { expect, it } from 'vitest';
import { InProcessBus } from '../../../actors/oona/in-process-bus.ts';
import { urza } from '../../../actors/urza/actor.ts';
import { type Desk, evolve } from '../../../actors/urza/behaviour.ts';
import { packed, type UrzaGiven } from '../../../actors/urza/given.ts';
import { emptyLibrary } from '../../../actors/urza/library.ts';
import { Shelf } from '../../../actors/urza/shelf.ts';
import {
  BlueprintQuarantined,
  type CatalogueEntry,
  KernelCompiled,
  KernelsQueried,
  randomStream,
  TOPICS,
} from '../../../contracts/index.ts';
import { memoryClock } from '../../../runtime/adapters/memory/clock.ts';
import { memoryDisk } from '../../../runtime/adapters/memory/disk.ts';
import { memoryIds } from '../../../runtime/adapters/memory/ids.ts';
import { memoryLog } from '../../../runtime/adapters/memory/log.ts';
import { memoryMetrics } from '../../../runtime/adapters/memory/metrics.ts';
import { type Disk, startSystem, supervisor, worker } from '../../../runtime/index.ts';
import { certificateFor, kernelFor, sha256 } from './examples.ts';

const quarantined = (blueprintId: string) =>
  BlueprintQuarantined.of({ blueprintId, reasons: ['it exploded'], by: 'urabrask' });
const all = KernelsQueried.of({
  kernelId: null,
  families: [],
  spans: [],
  requiredTags: [],
  excludedTags: [],
});

/** Certified kernels of these names, the first one the oldest; and two that nobody may use. */
const deskOf = (names: readonly string[]): Desk =>
  [
    ...names.flatMap((id) => [
      { kind: 'shelved', kernel: kernelFor(id), parents: ['p'] } as const,
      { kind: 'certified', certificate: certificateFor(id), engine: 'e' } as const,
    ]),
    { kind: 'quarantined', found: quarantined('bad') } as const,
    { kind: 'quarantined', found: quarantined('worse') } as const,
  ].reduce<Desk>(evolve, { library: emptyLibrary('e'), requests: new Map() });

/** With room for all of its kernels but one. */
const tight = (desk: Desk) => {
  const room = Array.from({ length: 5_000 }, (_, most) => packed(desk, 0, most));
  return room.find(({ left }) => left.length === 1) as UrzaGiven;
};

async function arrive(given: unknown, disk: Disk = memoryDisk()) {
  const [clock, ids, metrics, log] = [memoryClock(), memoryIds(), memoryMetrics(), memoryLog()];
  const bus = new InProcessBus({ clock, ids });
  const measured: unknown[] = [];
  bus.subscribe(TOPICS.kernelReady, ({ body }) => void measured.push(body));
  const shelf = new Shelf(disk, 'home/urza', sha256);
  const tree = supervisor('esper', { strategy: 'one_for_one', intensity: 1, periodMs: 1_000 }, [
    worker(urza, { args: { bus, shelf, engine: 'e', given } }),
  ]);
  const system = await startSystem(tree, { clock, ids, metrics, log, random: randomStream(1) });
  const ref = system.ref<KernelsQueried | KernelCompiled>('esper/urza');
  const ask = async <A>(message: KernelsQueried | KernelCompiled): Promise<A> => {
    const answer = ref.ask<A>(message, { withinMs: 1_000 });
    await clock.advance(10);
    return answer;
  };
  const kernels = async () =>
    (await ask<readonly CatalogueEntry[]>(all)).map(({ kernel }) => kernel.blueprint.id).sort();
  return { clock, system, shelf, metrics, log, measured, ask, kernels };
}

it('all that he brings is known at once, and on the shelf of the new node soon after', async () => {
  const names = Array.from({ length: 300 }, (_, i) => `k${i}`);
  const there = await arrive(packed(deskOf(names), 0));
  expect(await there.kernels()).toEqual([...names].sort());
  await there.clock.advance(1_000);
  const { kernels, certificates, quarantine } = await there.shelf.load();

  expect(kernels.map(({ kernel }) => kernel.blueprint.id).sort()).toEqual([...names].sort());
  expect(certificates).toHaveLength(names.length);
  expect(quarantine.map(({ blueprintId }) => blueprintId)).toEqual(['bad', 'worse']);
  expect(there.metrics.value('esper_kernels_left_behind_total')).toBe(0);
});

it('what was too much to bring is named and counted; made again, it need not be measured again', async () => {
  const given = tight(deskOf(['old', 'new']));
  expect(given.left).toEqual([kernelFor('old').kernelId]);
  const there = await arrive(given);
  expect(await there.kernels()).toEqual(['new']);
  expect(there.metrics.value('esper_kernels_left_behind_total')).toBe(1);
  expect(there.log.lines).toContainEqual(
    expect.objectContaining({
      level: 'warn',
      fields: expect.objectContaining({ count: 1, kernels: given.left }),
    }),
  );

  await there.ask(KernelCompiled.of({ requestId: 'r', kernel: kernelFor('old'), parents: [] }));
  expect(await there.kernels()).toEqual(['new', 'old']);
  expect(there.measured).toEqual([]);
});

it('what the new shelf has is not missing', async () => {
  const disk = memoryDisk();
  const shelf = new Shelf(disk, 'home/urza', sha256);
  await shelf.load();
  await shelf.putKernel({ kernel: kernelFor('old'), parents: [] });
  const there = await arrive(tight(deskOf(['old', 'new'])), disk);

  expect(await there.kernels()).toEqual(['new', 'old']);
  expect(there.metrics.value('esper_kernels_left_behind_total')).toBe(0);
});
