/** A rehearsal of everything going wrong: five kinds of fault on purpose, and the training thread shot from outside. */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { RunRecord, TransitionRecord } from '../../contracts/index.ts';
import { cleanUpAfterwards, esper, folderFor, PATIENCE_MS, type Said, start } from './support/esper.ts';
import {
  boundariesOf,
  courseOf,
  journalOf,
  modelOf,
  moonsConfig,
  ofType,
  type Summary,
  summaryOf,
} from './support/runs.ts';

cleanUpAfterwards();
const home = folderFor('faults');
const FAULTS = [
  { kind: 'seed_output_nan', atStep: 105 },
  { kind: 'gradient_explosion', atStep: 305 },
  { kind: 'seed_actor_crash', atStep: 505 },
  { kind: 'poisoned_blueprint', atStep: 0 },
  { kind: 'tamiyo_throws', atStep: 705 },
];
const NODE = ['--import', './test/integration/support/kill-thread.mjs'];

let clean: Summary;
let sick: Summary;
let stream: readonly Said[];
let records: readonly RunRecord[];
let moves: readonly (TransitionRecord & { boundary: number })[];

beforeAll(async () => {
  clean = summaryOf((await esper(home, ['train', moonsConfig(home), '--json'])).said);
  const { code, said } = await esper(home, ['train', moonsConfig(home, { faults: FAULTS }), '--json']);
  expect(code).toBe(0);
  [sick, stream] = [summaryOf(said), said];
  records = await journalOf(home, sick.runId);
  moves = boundariesOf(records).flatMap(({ boundary, transitions }) =>
    transitions.map((move) => ({ ...move, boundary })),
  );
}, PATIENCE_MS);

const rollback = (reason: string) =>
  ofType(records, 'tolaria.run.rolled_back').find((record) => record.reason === reason);
const lifeOf = (seedId: string) => moves.filter((move) => move.seedId === seedId);
const victimOf = (kind: string) =>
  ofType(records, 'tolaria.fault.contained').find(({ what }) => what === kind)?.who ?? '';

describe('a run with every kind of fault', () => {
  it('comes to its end, loses no step, and is as good as it would have been', () => {
    expect(sick.ended).toMatchObject({ outcome: 'finished', disruptedSteps: 0, rollbacks: 3 });
    expect(Math.abs((sick.ended.testAccuracy ?? 0) - (clean.ended.testAccuracy ?? 1))).toBeLessThanOrEqual(
      0.01,
    );
    expect(clean.ended.testAccuracy).toBeGreaterThan(0.95);
  });

  it('suffers each fault once', () => {
    const struck = ofType(records, 'tolaria.fault.contained').filter(({ injected }) => injected);
    const planned = FAULTS.filter(({ kind }) => kind !== 'poisoned_blueprint').map(({ kind }) => kind);

    expect(struck.map(({ what }) => what)).toEqual(planned);
  });

  it('goes back for sick numbers and for a dead Tamiyo, each time within half a second', () => {
    const rollbacks = ofType(records, 'tolaria.run.rolled_back');
    process.stdout.write(`rolled back in ${rollbacks.map(({ ms }) => ms.toFixed(2)).join(', ')} ms\n`);

    expect(rollbacks).toHaveLength(3);
    expect(rollbacks.filter(({ ms }) => ms >= 500)).toEqual([]);
    expect(rollbacks.filter(({ atStep, toStep }) => toStep > atStep)).toEqual([]);
  });

  it.each([
    ['seed_output_nan', 'loss or gradient not finite', 'not_finite'],
    ['gradient_explosion', 'gradient exploded', 'exploding'],
  ])(
    'after %s takes out the guilty seed, bans its place, and never plants its blueprint again',
    (kind, reason, why) => {
      const guilty = victimOf(kind);
      const back = rollback(reason);
      const life = lifeOf(guilty);
      const planted = life.find(({ to }) => to === 'GERMINATED');
      const end = life.find(({ to }) => to === 'CULLED');

      expect(back).toMatchObject({ guilty: [guilty], quarantinedBlueprints: [planted?.blueprintId] });
      expect(end).toMatchObject({ cullReason: why });
      expect(life[life.indexOf(end as (typeof life)[number]) + 1]?.to).toBe('EMBARGOED');
      expect(
        moves.filter(
          ({ to, blueprintId, boundary }) =>
            to === 'GERMINATED' &&
            blueprintId === planted?.blueprintId &&
            boundary > (back?.toBoundary ?? Infinity),
        ),
      ).toEqual([]);
    },
  );

  it('gives up a seed whose actor keeps crashing, without going back', () => {
    const life = lifeOf(victimOf('seed_actor_crash'));

    expect(life.slice(-4).map(({ to }) => to)).toEqual(['CULLED', 'EMBARGOED', 'RESETTING', 'DORMANT']);
    expect(life.find(({ to }) => to === 'CULLED')).toMatchObject({ cullReason: 'crashed' });
  });

  it('never lets the poisoned blueprint into the catalogue', () => {
    const [begun] = ofType(records, 'tolaria.run.started');
    const [poisoned] = begun?.quarantined ?? [];

    expect(begun?.quarantined).toHaveLength(1);
    expect(poisoned?.reasons).toContain('not_finite');
    expect(stream.filter(({ what }) => what === 'quarantined')).toHaveLength(1);
    expect(begun?.catalogue.map(({ kernel }) => kernel.blueprint.id)).not.toContain(poisoned?.blueprintId);
    expect(moves.some(({ blueprintId }) => blueprintId === poisoned?.blueprintId)).toBe(false);
  });

  it('still grows after all of that', () => {
    const fossils = moves.filter(({ to }) => to === 'FOSSILIZED');

    expect(fossils.length).toBeGreaterThan(0);
    expect(Math.max(...fossils.map(({ boundary }) => boundary))).toBeGreaterThan(
      rollback('Tamiyo was told to crash by the fault plan')?.toBoundary ?? Infinity,
    );
  });
});

describe('a run with every kind of fault, killed right after it went back', () => {
  it('suffers the same faults the same way when it is resumed', async () => {
    const run = start(home, ['train', moonsConfig(home, { faults: FAULTS }), '--json']);
    const { runId } = await run.hears(({ what }) => what === 'rolled_back');
    run.kill('SIGKILL');
    const { signal } = await run.ended;
    const { said } = await esper(home, ['resume', String(runId), '--json']);
    const mended = summaryOf(said);
    const stormy = await journalOf(home, mended.runId);
    const suffered = (all: readonly RunRecord[]) =>
      ofType(all, 'tolaria.run.rolled_back').map(({ ms: _, ...record }) => record);

    expect(signal).toBe('SIGKILL');
    expect(courseOf(stormy)).toEqual(courseOf(records));
    expect(suffered(stormy)).toEqual(suffered(records));
    expect(mended.ended).toMatchObject({ rollbacks: 3, disruptedSteps: 0 });
    expect(modelOf(mended)).toBe(modelOf(sick));
  });
});

describe('a training thread that dies', () => {
  it('is started again by its supervisor, and the run ends as if nothing had happened', async () => {
    const run = start(home, ['train', moonsConfig(home), '--json'], { node: NODE });
    await run.hears(({ step }) => Number(step) >= 600);
    run.kill('SIGUSR2');
    const told = await run.hears(({ what }) => what === 'resumed');
    const { code, said } = await run.ended;
    const mended = summaryOf(said);
    const [calm, stormy] = await Promise.all([journalOf(home, clean.runId), journalOf(home, mended.runId)]);
    process.stdout.write(`the thread was replaced: ${told.text}\n`);

    expect(code).toBe(0);
    expect(said.filter(({ what }) => what === 'host_restarted')).toHaveLength(1);
    expect(courseOf(stormy)).toEqual(courseOf(calm));
    expect(modelOf(mended)).toBe(modelOf(clean));
  });
});

describe('an innovation thread that dies', () => {
  it('is started again, and training does not even notice', async () => {
    const run = start(home, ['train', moonsConfig(home), '--json'], { node: NODE });
    await run.hears(({ step }) => Number(step) >= 300);
    run.kill('SIGWINCH');
    const { code, said } = await run.ended;
    const log = readFileSync(summaryOf(said).files.log ?? '', 'utf8');

    expect(code).toBe(0);
    expect(log).toMatch(/"child":"innovation".*"a child crashed"/);
    expect(said.filter(({ what }) => what === 'host_restarted')).toEqual([]);
    expect(modelOf(summaryOf(said))).toBe(modelOf(clean));
  });
});
