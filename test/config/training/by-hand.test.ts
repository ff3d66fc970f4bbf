/** A run that people change while it trains: what they did stands in its journal, and is done again where it was done. */
import { describe, expect, it } from 'vitest';
import type { OrderOutcome } from '../../../actors/tolaria/orders.ts';
import { type OpenRun, openRun } from '../../../config/training/open-run.ts';
import type { EsperError, RunCommand, RunConfig } from '../../../contracts/index.ts';
import { boundariesOf, orderOf, outcomeOf, powerCut, recordsOf, runWorld, until } from './run-world.ts';
import { tinyConfig } from './tiny-config.ts';

/** Tamiyo is in no hurry: whatever grows was planted by hand, unless a test sets its tempo. */
const patient = tinyConfig({
  training: { epochs: 24, checkpointBoundaries: 7 },
  growth: { maxLiveSeeds: 2, placesPerSlot: 2, tempo: { earliest: 100 } },
});
const by = { who: 'ann@lab', role: 'trainer', request: 'req-1', reason: 'it looks flat' };

type World = ReturnType<typeof runWorld>;
/** By the boundary in whose wake it is given. */
type Script = Readonly<Record<number, readonly RunCommand[]>>;
interface Options {
  /** The power goes in the wake of this boundary. */
  readonly cutAfter?: number;
  /** Given in the middle of an epoch, at the first sample from this step on. */
  readonly midway?: Readonly<Record<number, RunCommand>>;
  readonly config?: RunConfig;
}
const SLOT = 'h1/layer';
const ALIVE = ['GERMINATED', 'TRAINING', 'BLENDING', 'SHADOWING', 'PROBATIONARY'];

const commandedIn = async (world: World) =>
  (await recordsOf(world)).filter((record) => record.type === 'tolaria.run.commanded');

/** Whoever sits at the terminal: gives each command once, when its time has come and a run is open. */
class Commander {
  readonly outcomes: OrderOutcome[] = [];
  readonly #given = new Set<string>();
  run: OpenRun | null = null;

  give(key: string, command: RunCommand): void {
    if (this.run === null || this.#given.has(key)) return;
    this.#given.add(key);
    try {
      void this.run.command(command, by).outcome.then((outcome) => this.outcomes.push(outcome));
    } catch (refused) {
      const { code, message, hint = '' } = refused as EsperError;
      this.outcomes.push({
        number: 0,
        boundary: 0,
        step: 0,
        refused: { code, message, hint },
        text: message,
      });
    }
  }

  follow(
    world: World,
    script: Script,
    midway: Options['midway'] = {},
    heard = (_boundary: number) => {},
  ): void {
    world.onNews = (message) => {
      if (message.type === 'tolaria.state.gathered') {
        heard(message.boundary);
        for (const [at, command] of (script[message.boundary] ?? []).entries())
          this.give(`${message.boundary} ${at}`, command);
      }
      if (message.type !== 'tolaria.training.progressed' || message.step % 3 === 0) return;
      for (const [step, command] of Object.entries(midway))
        if (message.step >= Number(step)) this.give(`step ${step}`, command);
    };
  }
}

/** @param late commands that are given as soon as somebody hears them */
async function opened(
  world: World,
  commander: Commander,
  config: RunConfig | null,
  late: readonly RunCommand[] = [],
): Promise<OpenRun> {
  const opening = openRun(orderOf(config), world.world());
  const take = (run: OpenRun) => {
    commander.run = run;
    for (const [at, command] of late.entries()) commander.give(`late ${at}`, command);
  };
  opening.then(take, () => undefined);
  return until(world, opening);
}

/** To the end, with a power cut in between where one is wanted; what was lost with the power is commanded again. */
async function trained(script: Script, { cutAfter, midway, config = patient }: Options = {}) {
  const world = runWorld(undefined, 30);
  const first = new Commander();
  let reached = false;
  first.follow(world, script, midway, (boundary) => {
    if (reached || boundary !== cutAfter) return;
    reached = true;
    world.disk.fail({ operation: 'change', nth: 1, code: 'DISK_FAILED', lasting: true });
  });
  const run = await opened(world, first, config);
  if (cutAfter === undefined)
    return { world, ended: (await until(world, run.closed)).ended, outcomes: first.outcomes };
  while (!reached) await world.clock.settle();
  await until(world, run.system.stop('the power is gone'));
  powerCut(world);
  const kept = (await commandedIn(world)).map(({ command }) => JSON.stringify(command));
  const lost = Object.entries(script).flatMap(([boundary, commands]) => {
    const left = commands.filter((command) => !kept.includes(JSON.stringify(command)));
    return left.length === 0 ? [] : [[Number(boundary), left] as const];
  });
  const second = new Commander();
  second.follow(world, Object.fromEntries(lost.filter(([boundary]) => boundary >= cutAfter)));
  // whoever commands it again may come too late for the boundary right behind a checkpoint: start over there
  if (cutAfter % 7 === 0)
    for (const path of world.disk.dump().keys())
      if (path.includes('/checkpoints/')) world.disk.flip(path, 4_321);
  const late = lost.filter(([boundary]) => boundary < cutAfter).flatMap(([, commands]) => commands);
  const resumed = await opened(world, second, null, late);
  return { world, ended: (await until(world, resumed.closed)).ended, outcomes: first.outcomes };
}

const germinate = (blueprintId: string | null = null, slotId = SLOT): RunCommand => {
  return { do: 'germinate', slotId, blueprintId };
};
const cull = (seedId: string): RunCommand => ({ do: 'cull', seedId });
const back = (...blame: string[]): RunCommand => ({ do: 'rollback', blame });
const set = (settings: Record<string, number>): RunCommand => ({ do: 'set', settings });

describe('a run that is changed by hand', () => {
  const script: Script = {
    2: [germinate('widen-2-tanh')],
    4: [germinate(), set({ 'growth.tempo.probation': 3, 'growth.minContribution': 0 })],
    6: [cull('s2')],
    8: [back()],
    13: [germinate('widen-1-tanh')],
    15: [back('s3')],
  };

  it('does each at the next boundary, and writes down who wanted it and what came of it', async () => {
    const { world, outcomes, ended } = await trained(script);
    const records = await commandedIn(world);

    expect(records.map(({ command, boundary, text }) => [command.do, boundary, text])).toEqual([
      ['germinate', 3, 'widen-2-tanh planted as s1 in h1/layer'],
      ['germinate', 5, expect.stringMatching(/^widen-\d-tanh planted as s2 in h1\/layer$/)],
      ['set', 5, 'growth.tempo.probation 3, 1 before; growth.minContribution 0, 0.01 before'],
      ['cull', 7, 's2 is taken out of h1/layer'],
      ['rollback', 8, 'back from step 24 to boundary 8'],
      ['germinate', 14, 'widen-1-tanh planted as s3 in h1/layer'],
      ['rollback', 15, expect.stringContaining('s3 taken out')],
    ]);
    expect(records.every((record) => record.refused === null && record.by.who === by.who)).toBe(true);
    expect(outcomes.map(({ number, text }) => [number, text]).sort()).toEqual(
      records.map(({ number, text }) => [number, text]).sort(),
    );
    expect(ended).toMatchObject({ outcome: 'finished', germinated: 3, culled: 2, rollbacks: 2 });
    const shown = world.news.flatMap((news) =>
      news.type === 'tolaria.training.progressed' ? news.seeds : [],
    );
    expect(shown.map(({ blueprintId }) => blueprintId)).toContain('widen-2-tanh');
    expect(shown.some(({ contribution }) => typeof contribution === 'number' && contribution !== 0)).toBe(
      true,
    );
  });

  it('ends the same wherever the power went, boundary by boundary, weight by weight', async () => {
    const whole = await trained(script);
    const expected = await outcomeOf(whole.world);
    const untouched = await trained({});
    expect(await outcomeOf(untouched.world)).not.toEqual(expected);
    for (let cutAfter = 2; cutAfter < 24; cutAfter += 1) {
      const { world, ended } = await trained(script, { cutAfter });
      expect(await outcomeOf(world), `boundary ${cutAfter}`).toEqual(expected);
      expect(ended, `boundary ${cutAfter}`).toMatchObject({ germinated: 3, culled: 2, rollbacks: 2 });
    }
  });

  it('goes back from the middle of an epoch once, and again when it is repeated from the start', async () => {
    const midway = { 25: back(), 49: back('s1') };
    const seeds = { 2: [germinate()], 3: [set({ 'growth.tempo.training': 20 })] };
    const whole = await trained(seeds, { midway });
    const steps = (await commandedIn(whole.world)).filter(({ command }) => command.do === 'rollback');
    expect(steps.map(({ step }) => step % 3)).not.toContain(0);

    const two = await trained(seeds, { midway, cutAfter: 21 });
    expect(await outcomeOf(two.world)).toEqual(await outcomeOf(whole.world));
    expect(await commandedIn(two.world)).toEqual(await commandedIn(whole.world));
    expect([whole.ended, two.ended]).toMatchObject([
      { rollbacks: 2, culled: 1, disruptedSteps: 0 },
      { rollbacks: 2, culled: 1, disruptedSteps: 0 },
    ]);
    const graves = (await recordsOf(two.world)).flatMap((record) =>
      record.type === 'tolaria.run.rolled_back' ? [[record.reason, record.quarantinedBlueprints]] : [],
    );
    expect(graves).toEqual([
      ['commanded by ann@lab', []],
      ['commanded by ann@lab', [expect.stringContaining('widen')]],
    ]);
  });

  it.each<[string, Script, string]>([
    ['a slot that is not there', { 2: [germinate(null, 'h9/layer')] }, 'TAMIYO_SLOT_UNKNOWN'],
    ['a blueprint that is not there', { 2: [germinate('widen-99')] }, 'TAMIYO_BLUEPRINT_UNKNOWN'],
    ['a seed so late that it could not finish', { 21: [germinate()] }, 'TAMIYO_TOO_LATE'],
    ['a seed that does not grow', { 2: [cull('s1')] }, 'TAMIYO_SEED_NOT_GROWING'],
    ['a culprit that does not grow', { 2: [back('s1')] }, 'TOLARIA_NOBODY_TO_BLAME'],
    [
      'a setting that is born with the run',
      { 2: [set({ 'growth.placesPerSlot': 3 })] },
      'TOLARIA_SETTING_FIXED',
    ],
    [
      'settings of which one cannot be',
      { 2: [set({ 'growth.tempo.probation': 2, 'growth.tempo.latest': 7 })] },
      'TOLARIA_SETTING_INVALID',
    ],
  ])('refuses %s, says why, and stays as it was', async (_, script, code) => {
    const { world, outcomes } = await trained(script);

    expect(outcomes).toMatchObject([{ refused: { code, hint: expect.any(String) } }]);
    expect(await outcomeOf(world)).toEqual(await outcomeOf((await trained({})).world));
  });

  it('never grows more at once than the run allows, whoever planted it', async () => {
    const eager = tinyConfig({ growth: { maxLiveSeeds: 2, placesPerSlot: 3, tempo: { spacing: 0 } } });
    const wishes = Object.fromEntries(Array.from({ length: 12 }, (_, at) => [at + 1, [germinate()]]));
    const { world, outcomes } = await trained(wishes, { config: eager });
    const planted = outcomes.filter(({ refused }) => refused === null);
    const growing = (await boundariesOf(world)).map(
      ({ seeds }) => seeds.filter(({ stage }) => ALIVE.includes(stage)).length,
    );

    expect(planted.length).toBeGreaterThan(0);
    expect(outcomes.map(({ refused }) => refused?.code)).toContain('TAMIYO_NO_ROOM');
    expect(Math.max(...growing)).toBe(2);
  });

  it('tells whoever commanded too late that the run is over', async () => {
    const world = runWorld(undefined, 30);
    const run = await opened(world, new Commander(), patient);
    await until(world, run.closed);

    expect(() => run.command(germinate(), by)).toThrow(expect.objectContaining({ code: 'TOLARIA_RUN_OVER' }));
  });
});
