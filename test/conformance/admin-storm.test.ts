/** Everything that can be asked of a supervisor and a pool, in any order, while children start late, fall, and refuse to end. */
import { describe, expect, it } from 'vitest';
import { type RandomStream, randomStream } from '../../contracts/random-stream.ts';
import {
  type ActorDefinition,
  accept,
  type Clock,
  ignore,
  isRefusal,
  type Message,
  pool,
  type Restart,
  type SupervisorSpec,
  startSystem,
  supervisor,
  type WorkerSpec,
  worker,
} from '../../runtime/index.ts';
import { worldPorts } from '../runtime/support/world.ts';
import { yes } from './support/answer.ts';

const OPERATIONS = 1_500;
const IDS = ['a', 'b', 'c', 'd', 'e'] as const;

interface Life {
  readonly path: string;
  /** It has begun, was not told to end yet, and has not fallen. */
  open: boolean;
}

interface Ledger {
  readonly newest: Map<string, Life>;
  readonly lives: Life[];
  readonly mistakes: string[];
}

const oneOf = <T>(random: RandomStream, some: readonly T[]): T =>
  some[Math.floor(random.next() * some.length)] as T;
const later = (clock: Clock, ms: number) => new Promise<void>((resolve) => void clock.after(ms, resolve));

/** Starts at once or late, well or badly or not at all; ends at once, late or never. */
function moody(random: RandomStream, clock: Clock, ledger: Ledger): ActorDefinition<Life, Message> {
  const handled = (life: Life) => {
    if (!life.open) ledger.mistakes.push(`${life.path} ran after its end`);
    if (ledger.newest.get(life.path) !== life)
      ledger.mistakes.push(`${life.path} ran after its successor began`);
  };
  const born = (life: Life) => {
    const mood = random.next();
    if (mood < 0.1) throw new Error('in no mood');
    if (mood < 0.15) return ignore;
    life.open = true;
    ledger.lives.push(life);
    return life;
  };
  return {
    name: 'moody',
    fresh: ({ path }) => {
      const life: Life = { path, open: false };
      ledger.newest.set(path, life);
      return random.next() < 0.7 ? born(life) : later(clock, random.next() * 40).then(() => born(life));
    },
    decide: {
      fall: (life, _message, cx) => {
        handled(life);
        life.open = false;
        cx.fail(new Error(`${life.path} fell`));
        return accept();
      },
      finish: (life, _message, cx) => {
        handled(life);
        cx.stop();
        return accept();
      },
      ping: (life) => {
        handled(life);
        return accept(life.path);
      },
    },
    stopped: (life) => {
      life.open = false;
      const mood = random.next();
      if (mood < 0.7) return;
      return mood < 0.95 ? later(clock, random.next() * 60) : new Promise<void>(() => {});
    },
  };
}

function child(random: RandomStream, definition: ActorDefinition<Life, Message>, id: string): WorkerSpec {
  return worker(definition, {
    id,
    restart: oneOf<Restart>(random, ['permanent', 'permanent', 'transient', 'temporary']),
    shutdown: { withinMs: 100 },
    startWithinMs: oneOf(random, [20, 1_000]),
  });
}

/** A plan for `top/box`, with some of the ids. */
function plan(random: RandomStream, definition: ActorDefinition<Life, Message>): SupervisorSpec {
  return supervisor(
    'box',
    {
      strategy: oneOf(random, ['one_for_one', 'one_for_all', 'rest_for_one']),
      intensity: oneOf(random, [2, 1_000]),
      periodMs: 200,
      ...(random.next() < 0.5 ? { backoff: { firstMs: 5, maxMs: 50 } } : {}),
    },
    IDS.filter(() => random.next() < 0.6).map((id) => child(random, definition, id)),
  );
}

async function storm(seed: number) {
  const random = randomStream(seed);
  const { ports, clock } = worldPorts();
  const ledger: Ledger = { newest: new Map(), lives: [], mistakes: [] };
  const definition = moody(random.split('moods'), clock, ledger);
  const template = child(random, definition, 'template');
  const limits = { intensity: 50, periodMs: 1_000, maxChildren: 8 };
  const root = { strategy: 'one_for_one', intensity: 1_000_000, periodMs: 1_000 } as const;
  const box = supervisor('box', { ...root, intensity: 5, backoff: { firstMs: 5, maxMs: 50 } }, []);
  const spec = supervisor('top', root, [box, pool('pool', { ...template, restart: 'permanent' }, limits)]);
  const log = { write: () => {}, with: () => log };
  const system = await startSystem(spec, { ...ports, log });
  const [boxed, pooled] = [system.supervisor('top/box'), system.pool('top/pool')];
  const pending = new Set<Promise<unknown>>();
  const codes = new Map<string, number>();
  const note = (answer: unknown) => {
    const code = isRefusal(answer) ? answer.refused : 'accepted';
    codes.set(code, (codes.get(code) ?? 0) + 1);
  };
  const track = (promise: Promise<unknown>) => {
    pending.add(promise);
    void promise
      .then(note, (thrown) => ledger.mistakes.push(String(thrown)))
      .finally(() => pending.delete(promise));
  };
  const tell = (type: string) => {
    const under = oneOf(random, ['box', 'pool']);
    system.ref(`top/${under}/${oneOf(random, IDS)}`).send({ type });
  };
  const operations: readonly (() => void)[] = [
    () => track(boxed.start(child(random, definition, oneOf(random, IDS)))),
    () => track(boxed.terminate(oneOf(random, IDS))),
    () => track(boxed.restart(oneOf(random, IDS))),
    () => note(boxed.delete(oneOf(random, IDS))),
    () => note(random.next() < 0.2 ? boxed.change(plan(random, definition)) : null),
    () => track(pooled.start(undefined, { id: oneOf(random, IDS) })),
    () => track(pooled.terminate(oneOf(random, IDS))),
    () => tell('fall'),
    () => tell('fall'),
    () => tell('finish'),
    () => tell('ping'),
  ];
  for (let i = 0; i < OPERATIONS; i++) {
    oneOf(random, operations)();
    if (random.next() < 0.6) await clock.advance(oneOf(random, [0, 0, 5, 30]));
    agree(system.supervisor('top/box'));
  }
  await clock.advance(60_000);
  return { system, clock, ledger, pending, codes, boxed, pooled };
}

/** List, look-up and count say the same at any moment. */
function agree(handle: ReturnType<Awaited<ReturnType<typeof startSystem>>['supervisor']>): void {
  const all = handle.children();
  if (isRefusal(all)) return;
  expect(yes(handle.count())).toEqual({
    specs: all.length,
    active: all.filter(({ state }) => state === 'running').length,
    supervisors: 0,
    workers: all.length,
  });
  for (const one of all) expect(yes(handle.child(one.id))).toEqual(one);
}

describe('a storm of operations', () => {
  // 19: a child started by hand during a pause ends by itself as the pause does; 120: a round swallows another, then is ended by hand
  it.each([1, 2, 3, 4, 5, 6, 7, 8, 19, 120])('of seed %i leaves everything in order', async (seed) => {
    const { system, clock, ledger, pending, codes, boxed, pooled } = await storm(seed);

    expect(pending.size).toBe(0);
    expect(ledger.mistakes).toEqual([]);
    for (const code of codes.keys()) expect(code).toMatch(/^(accepted|SUPERVISOR_|SPEC_INVALID_)/);
    const places = [...yes(boxed.children()), ...yes(pooled.children())];
    expect(places.filter(({ state }) => state === 'restarting')).toEqual([]);
    const running = places.filter(({ state }) => state === 'running').map(({ path }) => path);
    const open = ledger.lives.filter((life) => life.open);
    expect(open.map(({ path }) => path).toSorted()).toEqual(running.toSorted());
    const pings = running.map((path) => system.ref(path).ask({ type: 'ping' }, { withinMs: 1_000 }));
    await clock.settle();
    expect(await Promise.all(pings)).toEqual(running);

    const over = system.stop();
    await clock.advance(10_000);
    await over;
    expect(ledger.lives.filter((life) => life.open)).toEqual([]);
    expect(clock.armed).toBe(0);
  });
});
