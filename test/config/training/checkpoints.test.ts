import { beforeAll, describe, expect, it } from 'vitest';
import { openRun } from '../../../config/training/open-run.ts';
import { encode, kindOf, type RunRecord } from '../../../contracts/index.ts';
import { memoryDisk } from '../../../runtime/adapters/memory/disk.ts';
import { memoryProcesses } from '../../../runtime/adapters/memory/processes.ts';
import { openJournal } from '../../../runtime/index.ts';
import {
  FOLDER,
  finished,
  orderOf,
  outcomeOf,
  powerCut,
  type RunWorld,
  recordsOf,
  runUntilPowerCut,
  runWorld,
  until,
} from './run-world.ts';
import { tinyConfig } from './tiny-config.ts';

const config = tinyConfig({ training: { epochs: 14 } });
let undisturbed: Awaited<ReturnType<typeof outcomeOf>>;
beforeAll(async () => {
  const world = runWorld();
  await finished(world, config);
  undisturbed = await outcomeOf(world);
});

/** A run that was cut off in its tenth boundary. */
async function cutOff(): Promise<RunWorld> {
  const world = runWorld();
  await runUntilPowerCut(world, config, {
    after: (message) => message.type === 'tolaria.state.gathered' && message.boundary === 10,
  });
  return world;
}

/** Newest last. */
const checkpointsOf = ({ disk }: RunWorld) =>
  [...disk.dump().keys()].filter((path) => path.startsWith(`${FOLDER}/checkpoints/`)).sort();

async function resumedFrom(world: RunWorld): Promise<number | null> {
  const run = await until(world, openRun(orderOf(null), world.world()));
  await until(world, run.closed);
  return run.resumedFrom;
}

/** Writes the journal anew, with some records changed and some left out: a journal nobody damaged, that is not true. */
async function rewriteJournal(
  world: RunWorld,
  change: (record: RunRecord) => RunRecord | null,
): Promise<RunWorld> {
  const records = await recordsOf(world);
  const disk = memoryDisk();
  for (const [path, bytes] of world.disk.dump()) if (!path.includes('/journal/')) disk.put(path, bytes);
  const { journal } = await openJournal({
    disk,
    folder: `${FOLDER}/journal`,
    processes: memoryProcesses(),
    segmentBytes: 1 << 20,
  });
  for (const record of records.map(change)) if (record) await journal.append(kindOf(record), encode(record));
  await journal.close();
  return runWorld(disk);
}

describe('going on from a checkpoint', () => {
  it('takes the newest that the journal knows', async () => {
    const world = await cutOff();

    expect(await resumedFrom(world)).toBeGreaterThanOrEqual(7);
    expect(await outcomeOf(world)).toEqual(undisturbed);
  });

  it('takes an older one when the newest are damaged, and ends the same', async () => {
    const world = await cutOff();
    const [third] = checkpointsOf(world).slice(-3);
    for (const path of checkpointsOf(world).slice(-2)) world.disk.flip(path, 12_345);
    const from = await resumedFrom(world);

    expect(third).toContain(`${from}`);
    expect(
      world.news.filter((news) => 'what' in news && news.what === 'checkpoint_passed_over'),
    ).toHaveLength(2);
    expect(await outcomeOf(world)).toEqual(undisturbed);
  });

  it('starts over when all are damaged, and checks every boundary against the journal', async () => {
    const world = await cutOff();
    for (const path of checkpointsOf(world)) world.disk.flip(path, 777);
    const committed = (await recordsOf(world)).filter(({ type }) => type === 'tolaria.boundary.committed');

    expect(await resumedFrom(world)).toBeNull();
    expect(await outcomeOf(world)).toEqual(undisturbed);
    expect(await recordsOf(world)).toContainEqual(
      expect.objectContaining({ type: 'tolaria.run.resumed', verified: committed.length }),
    );
  });

  it('does not take one that is sound but not what the journal says of its boundary', async () => {
    const world = await cutOff();
    const boundary = Number(/boundary-(\d+)/.exec(checkpointsOf(world).at(-1) ?? '')?.[1]);
    const other = await rewriteJournal(world, (record) =>
      record.type === 'tolaria.boundary.committed' && record.boundary === boundary
        ? { ...record, digest: '0123456789abcdef' }
        : record,
    );

    await expect(finished(other, null)).rejects.toMatchObject({
      code: 'TOLARIA_DIVERGED',
      details: { expected: '0123456789abcdef' },
    });
  });
});

describe('a run that does not repeat itself', () => {
  it('is refused at the first boundary that differs, be it the last one that was committed', async () => {
    const world = await cutOff();
    const { digests } = await outcomeOf(world);
    const [last] = digests.at(-1) ?? [];
    const other = await rewriteJournal(world, (record) =>
      record.type === 'tolaria.boundary.committed' && record.boundary === last
        ? { ...record, digest: '0123456789abcdef' }
        : record,
    );

    await expect(finished(other, null)).rejects.toMatchObject({ code: 'TOLARIA_DIVERGED' });
    expect((await outcomeOf(other)).digests).toHaveLength(digests.length);
    expect((await recordsOf(other)).filter(({ type }) => type === 'tolaria.run.rolled_back')).toEqual([]);
  });

  it('is refused when another configuration stands in its journal', async () => {
    const world = await cutOff();
    const other = await rewriteJournal(world, (record) =>
      record.type === 'tolaria.run.started'
        ? { ...record, config: { ...record.config, training: { ...record.config.training, batch: 12 } } }
        : record,
    );
    for (const path of checkpointsOf(other)) other.disk.flip(path, 777);

    await expect(finished(other, null)).rejects.toMatchObject({ code: 'TOLARIA_DIVERGED' });
  });

  it('says what began it and what goes on with it when the two are not the same', async () => {
    const world = await cutOff();
    const other = await rewriteJournal(world, (record) => {
      if (record.type === 'tolaria.run.started') return { ...record, engine: 'an older engine' };
      return record.type === 'tolaria.boundary.committed'
        ? { ...record, digest: '0123456789abcdef' }
        : record;
    });

    await expect(finished(other, null)).rejects.toMatchObject({
      code: 'TOLARIA_DIVERGED',
      message: expect.stringMatching(/began on an older engine and goes on on /),
      details: { began: 'an older engine', plan: expect.stringContaining('fused') },
    });
  });

  it('lets go of its journal when it is refused, so that the next attempt is not told of a writer', async () => {
    const world = await cutOff();
    const other = await rewriteJournal(world, (record) =>
      record.type === 'tolaria.boundary.committed' ? { ...record, digest: '0123456789abcdef' } : record,
    );
    const attempt = () => finished(other, null);

    await expect(attempt()).rejects.toMatchObject({ code: 'TOLARIA_DIVERGED' });
    await expect(attempt()).rejects.toMatchObject({ code: 'TOLARIA_DIVERGED' });
  });
});

describe('opening a run', () => {
  it('refuses one that has ended', async () => {
    const world = runWorld();
    await finished(world, config);

    await expect(finished(world, null)).rejects.toMatchObject({ code: 'RUN_ALREADY_ENDED' });
  });

  it('refuses one whose first record never reached the disk, and lets it begin', async () => {
    const world = runWorld();
    await runUntilPowerCut(world, config, { operation: 1 });

    await expect(finished(world, null)).rejects.toMatchObject({ code: 'RUN_NEVER_STARTED' });
    expect((await finished(world, config)).outcome).toBe('finished');
  });

  it('lets go of the journal when its data cannot be found', async () => {
    const world = runWorld();
    const lost = { ...config, task: { ...config.task, dataset: 'mnist', options: {} } };

    await expect(finished(world, lost)).rejects.toMatchObject({ code: 'DATA_NOT_FOUND' });
    expect([...world.disk.dump().keys()].filter((path) => path.endsWith('.lock'))).toEqual([]);
  });

  it('goes on after an interruption that was asked for', async () => {
    const world = runWorld(memoryDisk(), 1);
    const opening = openRun(orderOf(config), world.world());
    world.onNews = (message) => {
      if (message.type === 'tolaria.state.gathered' && message.boundary === 6)
        void opening.then((run) => run.stop());
    };
    const run = await until(world, opening);
    const { ended } = await until(world, run.closed);
    world.onNews = () => {};
    powerCut(world);

    expect(ended).toMatchObject({ outcome: 'interrupted', testLoss: null });
    expect((await finished(world, null)).outcome).toBe('finished');
    expect(await outcomeOf(world)).toEqual(undisturbed);
  });
});
