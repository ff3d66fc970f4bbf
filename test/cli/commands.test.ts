/** Every command as a script uses it: JSON that keeps its promise, and exit codes. */
import { Value } from '@sinclair/typebox/value';
import { describe, expect, it } from 'vitest';
import { DOCUMENTS, type DocumentKind } from '../../cli/views/documents.ts';
import { esper, type FakeWorld, fakeWorld, recorded } from './fake-world.ts';
import { byHand, finished, start, unfinished } from './samples.ts';

const yaml = 'name: mine\ntraining:\n  epochs: 5\n';

async function livedIn(): Promise<FakeWorld> {
  const world = fakeWorld();
  world.disk.put('my.yaml', new TextEncoder().encode(yaml));
  world.disk.put('bad.yaml', new TextEncoder().encode('seed: -1\nnam: x\n'));
  await recorded(world, 'spirals-1', finished);
  await recorded(world, 'spirals-2', [
    { ...start, runId: 'spirals-2', startedAtMs: 1 },
    ...unfinished.slice(1),
  ]);
  return world;
}

const journalFile = (world: FakeWorld): string =>
  [...world.disk.dump().keys()].find(
    (path) => path.startsWith('home/runs/spirals-1/journal/') && !path.endsWith('lock'),
  ) ?? '';

describe('with --json', () => {
  it.each<[args: string, kind: DocumentKind, exit: number]>([
    ['train my.yaml', 'RunSummary', 0],
    ['resume spirals-1', 'RunSummary', 0],
    ['runs ls', 'RunList', 0],
    ['run show', 'Run', 0],
    ['run show spirals-2', 'Run', 0],
    ['seeds spirals-1', 'SeedList', 0],
    ['decisions spirals-1', 'DecisionTrace', 0],
    ['decisions spirals-1 --of s2', 'DecisionTrace', 0],
    ['config validate my.yaml', 'ConfigReport', 0],
    ['config validate bad.yaml', 'ConfigReport', 3],
    ['config explain training.epochs my.yaml', 'Setting', 0],
    ['config explain growth.tempo', 'Setting', 0],
    ['data ls', 'DataSetList', 0],
    ['wal verify spirals-1', 'Journal', 0],
    ['wal inspect spirals-1 --from 3', 'JournalRecords', 0],
    ['wal verify home/runs/spirals-1/journal', 'Journal', 0],
    ['wal cut spirals-1 --after 3 --yes', 'JournalCut', 0],
    ['wal cut spirals-1 --after 3', 'Failure', 2],
    ['doctor', 'Doctor', 0],
    ['explain run_not_found', 'ErrorCode', 0],
    ['train nowhere.yaml', 'Failure', 4],
    ['train bad.yaml', 'Failure', 3],
    ['run show nothing', 'Failure', 4],
    ['run show spirals', 'Failure', 2],
    ['decisions spirals-1 --of s9', 'Failure', 4],
    ['data fetch unheard-of', 'Failure', 4],
    ['wal inspect spirals-1 --from x', 'Failure', 2],
    ['explain NO_SUCH', 'Failure', 4],
    ['explode', 'Failure', 2],
  ])('%s prints one %s and ends with %i', async (args, kind, exit) => {
    const { code, out, err } = await esper(await livedIn(), ...args.split(' '), '--json');
    const document = JSON.parse(out);

    expect(document.kind).toBe(kind);
    expect(
      [...Value.Errors(DOCUMENTS[kind], document)].map(({ path, message }) => `${path} ${message}`),
    ).toEqual([]);
    expect(code).toBe(exit);
    expect(err).not.toContain('Error');
  });

  it('config schema is the schema itself', async () => {
    expect(JSON.parse((await esper(fakeWorld(), 'config', 'schema', '--json')).out).title).toBe(
      'Esper training run',
    );
  });
});

describe('for people', () => {
  it('runs ls is a table, newest first', async () => {
    const { out } = await esper(await livedIn(), 'runs', 'ls');

    expect(out).toBe(
      [
        'RUN        DATA         OUTCOME       EPOCH  ACCURACY    LOSS  PARAMETERS  FOSSILIZED  CULLED  STARTED',
        'spirals-1  two-spirals  goal_reached  30/30   100.0 %  0.2500    38 -> 62           1       0  2026-01-02 03:04:05Z',
        'spirals-2  two-spirals  unfinished    20/30    70.0 %  0.5000    38 -> 38           0       0  1970-01-01 00:00:00Z',
        '',
      ].join('\n'),
    );
  });

  it('an empty home says how to fill it', async () => {
    expect(await esper(fakeWorld(), 'runs', 'ls')).toMatchObject({
      code: 0,
      out: 'no runs yet; try: esper train config/spirals.yaml\n',
    });
  });

  it('decisions tell the whole story of a seed', async () => {
    const { out } = await esper(await livedIn(), 'decisions', 'latest', '--of', 's1');

    expect(out).toMatchInlineSnapshot(`
      "s1 h1/widen widen-3  FOSSILIZED
        epoch 10  planted plateau  the loss has not moved for 3 boundaries (sure to 80.0 %, expected -4.000 % of the loss)
             SLOT      BLUEPRINT  DRAW  PARAMETERS  SCORE  VALUE
          *  h1/widen  widen-3       1          24  6.000  3.000
             h1/widen  widen-3       0          24  2.000  1.000
        epoch 30  G5 passed PROBATIONARY -> FOSSILIZED  contribution 4.200
        epoch 30  FOSSILIZE gate_passed  it removes 4.2 % of the loss
        contribution  4.200 % of the loss

      waited  too_early 1x
      "
    `);
  });

  it.each(['decisions', 'run show'])(
    '%s tells what people changed by hand, who, and what was refused',
    async (words) => {
      const world = fakeWorld();
      await recorded(world, 'spirals-1', [...finished.slice(0, -1), ...byHand]);
      const { out } = await esper(world, ...words.split(' '));

      expect(out).toMatch(
        /by hand +epoch 30, step 90 {2}cull by ann@lab \(trainer\): s2 is taken out of h1\/widen/,
      );
      expect(out).toMatch(/by hand .* refused TAMIYO_SLOT_UNKNOWN, no slot h9 {2}"a try"/);
    },
  );

  it('run show names faults, rollbacks and resumes', async () => {
    const { out } = await esper(await livedIn(), 'run', 'show');

    expect(out).toMatch(/rollback +not_finite: step 35 back to 20 in 4.5 ms/);
    expect(out).toMatch(/fault +step 35 {2}kasmina: seed_output_nan \(on purpose\)/);
    expect(out).toMatch(/resumed +from boundary 2, 1 run again and equal, 12 ms/);
    expect(out).toMatch(/accuracy +60.0 % -> 100.0 %/);
  });

  it('a run is found by the beginning of its id, and latest is the one started last', async () => {
    const world = await livedIn();
    await recorded(world, 'moons-1', [{ ...start, runId: 'moons-1' }]);

    expect((await esper(world, 'run', 'show', 'moo')).out).toMatch(/run +moons-1/);
  });

  it('a run that cannot be read does not hide the others', async () => {
    const world = await livedIn();
    await recorded(world, 'broken-1', unfinished.slice(1, 2));

    const { out, err, code } = await esper(world, 'runs', 'ls');

    expect([code, out.split('\n').length]).toEqual([0, 4]);
    expect(err).toContain('RUN_EMPTY run broken-1 has recorded nothing');
  });

  it('a flipped bit in a journal ends wal verify with 9 and names the place', async () => {
    const world = await livedIn();
    world.disk.flip(journalFile(world), 8 * 120);

    const { code, out } = await esper(world, 'wal', 'verify', 'home/runs/spirals-1/journal');

    expect(code).toBe(9);
    expect(out).toMatch(/damage +\S+ at byte \d+/);
  });

  it('wal cut gives up what came after a record, keeps the bytes, and mends a damaged journal', async () => {
    const world = await livedIn();
    world.disk.flip(journalFile(world), 8 * 4_000); // well behind the first record
    const { out: seen } = await esper(world, 'wal', 'verify', 'home/runs/spirals-1/journal');
    const advised = /esper (wal cut .+ --yes)/.exec(seen)?.[1] ?? '';
    const { code, out } = await esper(world, ...advised.split(' '));

    expect(code).toBe(0);
    expect(out).toMatch(/kept aside +\S+\.cut/);
    expect((await esper(world, 'wal', 'verify', 'spirals-1')).code).toBe(0);
  });

  it('config explain shows meaning, range, value and origin', async () => {
    const { out } = await esper(
      await livedIn(),
      'config',
      'explain',
      'training.epochs',
      'my.yaml',
      '--set',
      'training.epochs=9',
    );

    expect(out).toMatch(/training.epochs {2}Times the run goes/);
    expect(out).toMatch(/wants +a whole number of 1 or more\ndefault +30\nvalue +9\nfrom +--set/);
  });
});

describe('doctor', () => {
  const ailing = (): FakeWorld => {
    const world = fakeWorld();
    return Object.assign(world, { machine: { ...world.machine, freeBytes: async () => 1e6 } });
  };

  it('gives each finding a state and the next command', async () => {
    const { code, out } = await esper(ailing(), 'doctor');

    expect(code).toBe(0);
    expect(out).toMatch(/ok +node +v20.20.2/);
    expect(out).toMatch(/ok +tensors +wasm, 40.0 GFLOP\/s over 10 ms/);
    expect(out).toMatch(/warning +free space +1.0 MB free +free some space/);
  });

  it('ends with 10 on a warning when asked to be strict', async () => {
    expect((await esper(ailing(), 'doctor', '--strict')).code).toBe(10);
    expect((await esper(fakeWorld(), 'doctor', '--strict')).code).toBe(0);
  });

  it('ends with 1 when something is broken: a disk that takes nothing, an old Node', async () => {
    const world = fakeWorld();
    world.disk.capacity = 0;
    const old = fakeWorld();
    Object.assign(old, { machine: { ...old.machine, nodeVersion: 'v18.1.0' } });

    const { code, out } = await esper(world, 'doctor');

    expect(code).toBe(1);
    expect(out).toMatch(/failed +home +DISK_FULL/);
    expect((await esper(old, 'doctor')).out).toMatch(/failed +node +v18.1.0 is too old/);
  });

  it('checks the journal of the last run', async () => {
    const world = fakeWorld();
    await recorded(world, 'spirals-1', finished);
    world.disk.flip(journalFile(world), 8 * 120);

    const { code, out } = await esper(world, 'doctor');

    expect(code).toBe(1);
    expect(out).toMatch(/failed +last run +spirals-1: .+esper wal verify spirals-1/);
  });
});

describe('a command', () => {
  it('is all that is loaded when the line begins with it, and the same as when all are', async () => {
    const world = fakeWorld();
    await esper(world, '--help');
    const listed = [...world.said().out.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name as string);

    expect(listed).toContain('train');
    for (const name of listed.filter((one) => one !== 'help')) {
      const [alone, amongAll] = [fakeWorld(), fakeWorld()];
      await esper(alone, name, '--help');
      await esper(amongAll, '--quiet', name, '--help');
      expect(alone.said().out).toContain(`esper ${name}`);
      expect(alone.said().out).toBe(amongAll.said().out);
    }
  });
});
