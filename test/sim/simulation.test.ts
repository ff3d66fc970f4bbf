/** The simulator itself, on a story small enough to know its end. */
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../contracts/random-stream.ts';
import {
  describeFault,
  type Fault,
  type Happening,
  type Life,
  planFaults,
  type Scenario,
  shrink,
  simulate,
} from '../../runtime/simulation/index.ts';

interface Said extends Happening {
  readonly kind: 'said';
  readonly what: string;
}

type Told = Life<Said>;

/** One or two nodes that do as they are told and remember what they said. */
const story = (boot: (life: Told) => Promise<void>, over: Partial<Scenario<Said>> = {}): Scenario<Said> => ({
  name: 'story',
  nodes: ['a'],
  lengthMs: 1_000,
  settleMs: 500,
  faults: { most: 0, weights: {} },
  sometimes: [],
  boot,
  check: () => [],
  ...over,
});

const says = (life: Told, what: string) => life.note({ kind: 'said', what });
const heard = async (scenario: Scenario<Said>, faults: readonly Fault[] = [], seed = 1) => {
  const { history, violations } = await simulate(scenario, { seed, faults });
  return {
    said: history.map(({ event, atMs, life }) => `${Math.round(atMs)} ${life} ${event.what}`),
    violations,
  };
};
const crash: Fault = { kind: 'crash', atMs: 100, node: 'a', forMs: 50, torn: false };

describe('a simulated node', () => {
  const ticking = story(
    async (life) => {
      const tick = () => {
        says(life, 'tick');
        life.ports.clock.after(80, tick);
      };
      tick();
    },
    { lengthMs: 200, settleMs: 0 },
  );

  it('does nothing any more after a crash, and begins again', async () => {
    expect((await heard(ticking, [crash])).said).toEqual(['0 1 tick', '80 1 tick', '150 2 tick']);
  });

  it('stands still in a pause and catches up after it', async () => {
    const pause: Fault = { kind: 'pause', atMs: 70, node: 'a', forMs: 50 };
    expect((await heard(ticking, [pause])).said).toEqual(['0 1 tick', '120 1 tick', '200 1 tick']);
  });

  it('sees time go faster while its clock drifts; what was armed before is late', async () => {
    const drift: Fault = { kind: 'drift', atMs: 10, node: 'a', rate: 2, forMs: 1_000 };
    expect((await heard(ticking, [drift])).said).toEqual([
      '0 1 tick',
      '80 1 tick',
      '120 1 tick',
      '160 1 tick',
      '200 1 tick',
    ]);
  });

  const writing = story(async (life) => {
    const file = await life.disk.open('/note', 'append');
    says(life, `has ${await file.size()}`);
    await file.write(new Uint8Array(3), 0);
    await life.disk.syncFolder('/');
    if (life.node.epoch > 1) await file.sync();
  });

  it('loses what it did not sync when the power goes', async () => {
    const { said } = await heard(writing, [crash, { ...crash, atMs: 300 }]);
    expect(said.map((one) => one.slice(-7))).toEqual(['1 has 0', '2 has 0', '3 has 3']);
  });

  it('keeps what it wrote when only its process dies', async () => {
    const { said } = await heard(writing, [{ kind: 'kill', atMs: 100, node: 'a', forMs: 50 }]);
    expect(said.map((one) => one.slice(-7))).toEqual(['1 has 0', '2 has 3']);
  });

  it('boots again by itself when a boot fails or its process ends', async () => {
    const shaky = story(
      async (life) => {
        says(life, 'boots');
        if (life.node.epoch === 1) throw new Error('no');
        if (life.node.epoch === 2) life.exit('enough');
      },
      { bootFailed: () => {} },
    );
    expect((await heard(shaky)).said).toEqual(['0 1 boots', '500 2 boots', '1000 3 boots']);
  });

  it.each([
    ['a boot that fails without an excuse', 'every boot succeeds', () => Promise.reject(new Error('no'))],
    ['a boot that never ends', 'every boot comes to an end', () => new Promise<void>(() => {})],
    [
      'an error that nobody caught',
      'nothing escapes',
      async (life: Told) => {
        life.ports.clock.after(5, () => {
          throw new Error('out');
        });
      },
    ],
    [
      'a turn that feeds itself',
      'the world comes to rest',
      async (life: Told) => {
        const again = () => life.ports.clock.soon(again);
        again();
      },
    ],
  ] as const)('complains about %s', async (_, invariant, boot) => {
    const { violations } = await heard(story(boot));
    expect(violations).toContainEqual(expect.objectContaining({ invariant }));
  });
});

describe('two simulated nodes', () => {
  const talking = story(
    async (life) => {
      life.transport.subscribe('hello', (bytes) => says(life, `${life.node.name} hears ${bytes[0]}`));
      if (life.node.name !== 'a') return;
      for (const [i, atMs] of [10, 200, 400].entries())
        life.ports.clock.after(atMs, () => void life.transport.publish('hello', Uint8Array.of(i)));
    },
    { nodes: ['a', 'b'] },
  );

  it('hear each other, except through a partition', async () => {
    const cut: Fault = { kind: 'partition', atMs: 150, from: 'a', to: 'b', oneWay: true, forMs: 100 };
    const { said } = await heard(talking, [cut]);
    expect(said.filter((one) => one.includes('b hears'))).toEqual(['11 1 b hears 0', '401 1 b hears 2']);
  });

  it('reach nobody without a line to the broker, and notice it', async () => {
    const cut: Fault = { kind: 'cut', atMs: 150, node: 'a', forMs: 100 };
    const asked = story(
      async (life) => {
        if (life.node.name !== 'a') return;
        for (const atMs of [140, 300, 390])
          life.ports.clock.after(atMs, () => says(life, String(life.transport.connected)));
      },
      { nodes: ['a', 'b'] },
    );
    expect((await heard(asked, [cut])).said).toEqual(['140 1 true', '300 1 false', '390 1 true']);
    const { said } = await heard(talking, [cut]);
    expect(said.filter((one) => one.includes('b hears'))).toEqual(['11 1 b hears 0', '401 1 b hears 2']);
  });
});

describe('a run', () => {
  const noisy = story(async (life) => {
    const { clock, random } = life.ports;
    for (let i = 0; i < 20; i++) clock.after(random.below(50), () => clock.soon(() => says(life, `${i}`)));
  });

  it('is the same for the same seed and another for another', async () => {
    const digest = async (seed: number) => (await simulate(noisy, { seed, faults: [] })).digest;
    expect(await digest(3)).toBe(await digest(3));
    expect(new Set([await digest(1), await digest(2), await digest(3)]).size).toBe(3);
  });

  it('draws its faults from the seed, in order of time and within its bounds', () => {
    const profile = { most: 30, weights: { crash: 1, bit_flip: 3 }, atMost: { bit_flip: 2 } };
    const draw = (seed: number) =>
      planFaults(randomStream(seed), profile, { nodes: ['a', 'b'], withinMs: 500 });
    for (let seed = 0; seed < 50; seed++) {
      const faults = draw(seed);
      expect(draw(seed)).toEqual(faults);
      expect(faults.map(({ atMs }) => atMs)).toEqual(faults.map(({ atMs }) => atMs).sort((a, b) => a - b));
      expect(faults.filter(({ kind }) => kind === 'bit_flip').length).toBeLessThanOrEqual(2);
      expect(faults.every(({ atMs }) => atMs < 500)).toBe(true);
    }
  });

  it('is shrunk to the two faults it takes', async () => {
    const fragile = story(async (life) => {
      let pokes = '';
      life.onPoke((what) => {
        pokes += what;
        life.always('x never meets y', !(pokes.includes('x') && pokes.includes('y')));
      });
    });
    const poke = (what: string, atMs: number): Fault => ({ kind: 'poke', atMs, node: 'a', what, by: 0 });
    const faults = [...'abxcdefyghi'].map((what, i) => poke(what, 10 * i));
    const failing = await simulate(fragile, { seed: 1, faults });
    expect(failing.violations).not.toEqual([]);
    const { outcome, runs } = await shrink(fragile, failing);
    expect(outcome.faults).toEqual([poke('x', 20), poke('y', 70)]);
    expect(outcome.violations).not.toEqual([]);
    expect(runs).toBeLessThan(60);
  });

  it('tells a fault in one line', () => {
    expect(describeFault(crash)).toBe('    100 ms  crash  node a, forMs 50, torn false');
  });
});
