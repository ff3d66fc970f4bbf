import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Dataset } from '../../../config/datasets/dataset.ts';
import { openTensorRuntime, type Rows, UnifiedLRController } from '../../../nn/index.ts';
import { boundariesOf, FOLDER, finished, type RunWorld, recordsOf, runWorld } from './run-world.ts';
import { tinyConfig } from './tiny-config.ts';

/** Every look at the test rows, with what was known of the run at that moment. */
const looks = vi.hoisted(() => ({ at: [] as number[], boundaries: (): number => 0 }));
vi.mock('../../../config/datasets/index.ts', async (original) => {
  const datasets = await original<typeof import('../../../config/datasets/index.ts')>();
  const watched = (rows: Rows): Rows => ({
    ...rows,
    fillInputs(indices, out) {
      looks.at.push(looks.boundaries());
      rows.fillInputs(indices, out);
    },
  });
  return {
    ...datasets,
    async loadDataset(...args: Parameters<typeof datasets.loadDataset>): Promise<Dataset> {
      const dataset = await datasets.loadDataset(...args);
      return { ...dataset, test: watched(dataset.test) };
    },
  };
});

describe('a whole run in one process', () => {
  let world: RunWorld;
  let boundaries: Awaited<ReturnType<typeof boundariesOf>>;
  let packets = 0;
  beforeAll(async () => {
    world = runWorld();
    looks.boundaries = () => packets;
    world.onNews = ({ type }) => {
      if (type === 'tolaria.state.gathered') packets += 1;
    };
    await finished(world, tinyConfig());
    boundaries = await boundariesOf(world);
  });

  it('begins with its configuration and ends with its result', async () => {
    const records = await recordsOf(world);

    expect(records[0]).toMatchObject({ type: 'tolaria.run.started', config: tinyConfig(), engine: 'test' });
    expect(records.at(-1)).toMatchObject({
      type: 'tolaria.run.ended',
      outcome: 'finished',
      step: 60,
      germinated: 2,
      fossilized: 2,
      rollbacks: 0,
      disruptedSteps: 0,
      hostParametersAtBirth: 17,
      parameters: 37,
    });
  });

  it('commits each boundary once, in order, with steps that only rise', () => {
    expect(boundaries.map(({ boundary }) => boundary)).toEqual(boundaries.map((_, i) => i));
    const steps = boundaries.map(({ step }) => step);
    expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b));
    expect(steps.filter((step) => step % 3 === 0)).toHaveLength(21);
  });

  it('makes no transition that nobody decided, and carries out each decision at its own boundary', () => {
    for (const { decisions, transitions } of boundaries) {
      const known = decisions.map(({ decisionId }) => decisionId);
      const carriedOut = transitions.flatMap(({ decisionId }) => (decisionId === null ? [] : [decisionId]));
      expect(known).toEqual(expect.arrayContaining(carriedOut));
      for (const { decisionId, seedId, to } of transitions) {
        const decision = decisions.find((one) => one.decisionId === decisionId);
        if (decision) expect(decision.seedId).toBe(seedId);
        else expect(['DORMANT', 'EMBARGOED', 'RESETTING']).toContain(to);
      }
    }
  });

  it('reads the test rows only when the last boundary is over', () => {
    expect(looks.at.length).toBeGreaterThan(0);
    expect(new Set(looks.at)).toEqual(new Set([boundaries.length]));
  });

  it('leaves a model, a report and an unlocked journal', () => {
    const files = [...world.disk.dump().keys()].map((path) => path.replace(`${FOLDER}/`, ''));

    expect(files).toEqual(
      expect.arrayContaining(['model/model.safetensors', 'model/graph.json', 'report.md', 'report.json']),
    );
    expect(files.filter((path) => path.endsWith('.lock') || path.endsWith('.tmp'))).toEqual([]);
  });

  it('repeats itself bit for bit', async () => {
    const again = runWorld();
    await finished(again, tinyConfig());

    expect((await boundariesOf(again)).map(({ digest }) => digest)).toEqual(
      boundaries.map(({ digest }) => digest),
    );
  });

  it('ends as soon as its goal is reached and nothing grows any more', async () => {
    const short = runWorld();
    const goal = { metric: 'loss', value: 0.44 } as const;
    const ended = await finished(short, tinyConfig({ training: { goal } }));

    expect(ended.outcome).toBe('goal_reached');
    expect(ended.step).toBeLessThan(60);
    expect(ended.fossilized + ended.culled).toBe(ended.germinated);
  });
});

describe('the tensors of a run', () => {
  it('are as many after it as before it, and no more at its end than its structure explains', async () => {
    const { memory } = await openTensorRuntime('wasm');
    const before = memory().tensors;
    const counts: number[] = [];
    const world = runWorld();
    world.onNews = ({ type }) => {
      if (type === 'tolaria.state.gathered') counts.push(memory().tensors - before);
    };
    // a price nobody can pay: seeds come and go, and the host stays as it was born
    const ended = await finished(
      world,
      tinyConfig({ training: { epochs: 60 }, growth: { minContribution: 90 } }),
    );
    const empty = (await boundariesOf(world)).flatMap(({ seeds }, i) =>
      seeds.some(({ parameters, stage }) => parameters > 0 && stage !== 'EMBARGOED' && stage !== 'RESETTING')
        ? []
        : [counts[i]],
    );

    expect(ended.culled).toBeGreaterThan(2);
    expect(memory().tensors).toBe(before);
    expect(Math.max(...counts.slice(40))).toBeLessThanOrEqual(Math.max(...counts.slice(0, 40)));
    expect(empty.length).toBeGreaterThan(3);
  });

  it('are freed when the run is interrupted, and when it fails', async () => {
    const { memory } = await openTensorRuntime('wasm');
    const before = memory().tensors;
    const world = runWorld();
    world.onNews = ({ type }) => {
      if (type === 'tolaria.state.gathered') throw new Error('telemetry is broken');
    };
    await expect(finished(world, tinyConfig())).rejects.toMatchObject({ code: 'SUPERVISOR_GAVE_UP' });

    expect(memory().tensors).toBe(before);
  });
});

describe('many seeds', () => {
  it('32 live at once in one host', async () => {
    const world = runWorld();
    const growth = { placesPerSlot: 16, maxLiveSeeds: 32, candidatePool: 1 };
    const tempo = { spacing: 0, training: 18, latest: 1 };
    await finished(
      world,
      tinyConfig({
        host: { hidden: [3, 3] },
        training: { epochs: 41 },
        growth: { ...growth, tempo },
      }),
    );
    const alive = (await boundariesOf(world)).map(
      ({ seeds }) => seeds.filter(({ stage }) => stage === 'TRAINING').length,
    );

    expect(Math.max(...alive)).toBe(32);
  });
});

describe('learning rates', () => {
  const given: Array<Readonly<Record<string, number>>> = [];
  beforeEach(() => {
    given.length = 0;
    const { step } = UnifiedLRController.prototype;
    vi.spyOn(UnifiedLRController.prototype, 'step').mockImplementation(function (
      this: UnifiedLRController,
      n,
    ) {
      const rates = step.call(this, n);
      given[n] = { ...rates };
      return rates;
    });
    return () => vi.restoreAllMocks();
  });
  const rate = { policy: 'constant', minimum: 0, warmupSteps: 6, warmupFactor: 0.1 } as const;

  it('a new seed warms up from its first own step, and joins the host for good', async () => {
    const world = runWorld();
    await finished(world, tinyConfig({ training: { rate } }));
    const steps = given.flatMap((rates, step) => ('s1' in rates ? [step] : []));
    const boundaries = await boundariesOf(world);
    const stepOf = (to: string) =>
      boundaries.find(({ transitions }) => transitions.some((one) => one.seedId === 's1' && one.to === to))
        ?.step;

    expect(steps.at(0)).toBe(stepOf('TRAINING'));
    expect(steps.at(-1)).toBe((stepOf('FOSSILIZED') ?? 0) - 1);
    expect(given[steps[0] ?? 0]?.s1).toBeCloseTo(0.001);
    expect(given[(steps[0] ?? 0) + 6]?.s1).toBeCloseTo(0.01);
    expect(given.every(({ host }) => host === 0.01)).toBe(true);
  });

  it('a culled seed has none any more', async () => {
    const world = runWorld();
    await finished(world, tinyConfig({ growth: { minContribution: 90 }, training: { rate, epochs: 30 } }));
    const culled = (await boundariesOf(world)).find(({ transitions }) =>
      transitions.some(({ seedId, to }) => seedId === 's1' && to === 'CULLED'),
    );

    expect(culled).toBeDefined();
    expect(given.slice(culled?.step).some((rates) => 's1' in rates)).toBe(false);
  });
});
