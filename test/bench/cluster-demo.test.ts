/** How the cluster demonstration judges: step times in windows, noise said, kernels traced, each criterion on its own. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Origins } from '../../bench/cluster-demo/origins.ts';
import { type Change, compare, type Mark, stepTimesOf } from '../../bench/cluster-demo/rates.ts';
import { ThreadTime } from '../../bench/cluster-demo/thread-time.ts';
import { criteria, type Findings } from '../../bench/cluster-demo/verdict.ts';

/** Marks ten times a second; steps of `wallMs`, each costing `cpuMs`. */
const steady = (fromMs: number, toMs: number, wallMs: number, cpuMs: number, structure = 'grown'): Mark[] =>
  Array.from({ length: (toMs - fromMs) / 100 + 1 }, (_, i) => {
    const step = (fromMs + i * 100) / wallMs;
    return { atMs: fromMs + i * 100, step, cpuMs: step * cpuMs, structure };
  });

const change: Change = { before: 1, during: 1.01, after: 1, change: 0.01, changeAfter: 0, noise: 0.001 };
const jobs = {
  asked: 9,
  applied: 9,
  appliedTwice: 0,
  suppressed: 1,
  said: 10,
  saidTwice: 1,
  lost: 0,
  medianMs: 5,
  slowestMs: 9,
};
const good: Findings = {
  victim: 'b',
  detectedMs: 2_500,
  placedMs: 7_000,
  moved: ['karn'],
  jobs,
  speed: { wall: change, cpu: change, windows: [9, 9, 9] },
  germinated: 2,
  made: [{ kernelId: 'k', blueprintId: 'p', node: 'b' }],
  trainer: 'a',
};
const unmet = (found: Findings) => criteria(found).filter(({ met }) => !met).length;
const slower = { ...change, change: 0.021 };
const trembling = { ...change, change: 0.3, noise: 0.2 };

describe('the step times of a demonstration', () => {
  it('are those of whole windows, by the clock and in processor time', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 50 }), (wall, cpu) => {
        const times = stepTimesOf(steady(0, 4_000, wall, cpu));
        expect(times).toHaveLength(10);
        for (const time of times) {
          expect(time.wall).toBeCloseTo(wall, 6);
          expect(time.cpu).toBeCloseTo(cpu, 6);
        }
      }),
    );
  });

  it('leave out what was trained while the network was another', () => {
    const marks = [...steady(0, 4_000, 9, 9, 'small'), ...steady(4_100, 8_100, 2, 1)];

    expect(stepTimesOf(marks).every(({ fromMs }) => fromMs >= 4_100)).toBe(true);
  });

  it('are compared before the kill, until all ran again, and after', () => {
    const marks = [
      ...steady(0, 8_000, 2, 1),
      ...steady(8_100, 12_000, 2.5, 1.25),
      ...steady(12_100, 16_100, 2, 1),
    ].map((mark, i) => ({ ...mark, step: i * 40, cpuMs: i * 40 * (i > 80 && i <= 120 ? 1.25 : 1) }));
    const { cpu, wall, windows } = compare(marks, 8_000, 12_000);

    expect(wall.change).toBeCloseTo(0, 6);
    expect(cpu?.before).toBeCloseTo(1, 6);
    expect(cpu?.noise).toBeCloseTo(0, 6);
    expect(windows.every((count) => count > 5)).toBe(true);
  });

  it('say nothing of processor time where nobody tells', () => {
    const marks = steady(0, 8_000, 2, 1).map((mark) => ({ ...mark, cpuMs: null }));

    expect(compare(marks, 4_000, 6_000).cpu).toBeNull();
  });
});

describe('the processor time of a training thread', () => {
  it('is that of the thread that worked most while it was looked at, whatever start-up took', () => {
    const spent: Record<string, number> = { 1: 5, 2: 9, 3: 1 };
    const read = (path: string) => `${(spent[path.split('/').at(-2) as string] as number) * 1e6} 0 0`;
    const time = new ThreadTime(7, read, () => ['1', '2', '3']);
    expect(time.ms()).toBeNull();

    Object.assign(spent, { 2: 10, 3: 8 });
    time.choose();
    Object.assign(spent, { 2: 99, 3: 9 });
    expect(time.ms()).toBe(9);
  });

  it('is unknown where the system does not tell', () => {
    const read = () => {
      throw Object.assign(new Error('none'), { code: 'ENOENT' });
    };

    const time = new ThreadTime(7, read, read);
    time.choose();

    expect(time.ms()).toBeNull();
  });
});

it('a kernel that nobody was heard to make has no origin', () => {
  const deaf = { subscribe: () => () => {} } as unknown as ConstructorParameters<typeof Origins>[0];

  expect(new Origins(deaf, 'esper').of(['p'])).toEqual([null]);
});

describe('the verdict of a demonstration', () => {
  it('is good when everything held', () => expect(unmet(good)).toBe(0));

  it('is by processor time when the clock trembles more than what is to be seen', () =>
    expect(unmet({ ...good, speed: { ...good.speed, wall: trembling } })).toBe(0));

  it.each([
    ['nobody noticed', { detectedMs: null }],
    ['it was noticed late', { detectedMs: 3_001 }],
    ['a unit never ran again', { placedMs: null }],
    ['a job was lost', { jobs: { ...jobs, lost: 1 } }],
    ['a job was applied twice', { jobs: { ...jobs, appliedTwice: 1 } }],
    ['steps took longer', { speed: { ...good.speed, wall: slower } }],
    [
      'steps cost more, and the clock says nothing',
      { speed: { ...good.speed, wall: trembling, cpu: slower } },
    ],
    ['the clock trembles and nobody tells more', { speed: { ...good.speed, wall: trembling, cpu: null } }],
    ['nothing grew', { germinated: 0 }],
    [
      'a kernel was made where training is',
      { made: [...good.made, { kernelId: 'l', blueprintId: 'q', node: 'a' }] },
    ],
    ['nobody was heard to make a kernel', { made: [null] }],
  ])('is bad when %s', (_, broken) => expect(unmet({ ...good, ...broken })).toBe(1));
});
