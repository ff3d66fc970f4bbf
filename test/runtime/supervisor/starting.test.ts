/** Starts that take their time, are not wanted, or are overtaken; and actors that end themselves. */
import { describe, expect, it } from 'vitest';
import {
  type ActorDefinition,
  accept,
  ignore,
  type Message,
  started,
  supervisor,
  worker,
} from '../../../runtime/index.ts';
import { deferred } from '../support/deferred.ts';
import { startWorld } from '../support/world.ts';

/** Its first life begins at once, the later ones when `gate` opens; each state it lets go is noted. */
function slow(gate: Promise<unknown>, letGo: string[] = []): ActorDefinition<string, Message> {
  return {
    name: 'slow',
    fresh: ({ incarnation }) => (incarnation === 1 ? 'life 1' : gate.then(() => `life ${incarnation}`)),
    decide: {
      fall: (_state, _message, cx) => {
        cx.fail(new Error('slow fell'));
        return accept();
      },
    },
    stopped: (state) => void letGo.push(state),
  };
}

describe('a start', () => {
  it('that takes too long has failed, and what it makes later is let go', async () => {
    const gate = deferred<void>();
    const letGo: string[] = [];
    const { system, clock } = await startWorld([worker(slow(gate.promise, letGo), { startWithinMs: 50 })], {
      intensity: 1,
    });
    system.ref('top/slow').send({ type: 'fall' });
    await clock.advance(50);

    expect(await system.done).toMatchObject({
      kind: 'crashed',
      error: { code: 'SUPERVISOR_GAVE_UP', cause: { code: 'SUPERVISOR_START_TIMEOUT' } },
    });
    expect(letGo).toEqual(['life 1']);
    gate.resolve();
    await clock.settle();
    expect(letGo).toEqual(['life 1', 'life 2']);
    expect(clock.armed).toBe(0);
  });

  it('that is overtaken by the end of the system holds nothing up', async () => {
    const { system, clock } = await startWorld([worker(slow(new Promise(() => {})))]);
    system.ref('top/slow').send({ type: 'fall' });
    await clock.settle();
    await system.stop();

    expect(clock.armed).toBe(0);
  });

  it('of one child holds up no sibling under one_for_one', async () => {
    const gate = deferred<void>();
    const { system, clock } = await startWorld([
      worker(slow(gate.promise)),
      worker({ ...slow(Promise.resolve()), name: 'other' }),
    ]);
    for (const id of ['slow', 'other']) system.ref(`top/${id}`).send({ type: 'fall' });
    await clock.settle();

    const states = system.supervisor('top').children();
    expect(states).toMatchObject([{ state: 'restarting' }, { state: 'running' }]);
    expect(system.ref('top/other').incarnation).toBe(2);
  });

  it('by hand hears what fresh had to say, and that it did not want to run', async () => {
    const { system } = await startWorld([]);
    const handle = system.supervisor('top');
    const told: ActorDefinition<number, Message> = {
      name: 'told',
      fresh: () => started(1, { port: 8_080 }),
      decide: {},
    };
    const unwilling: ActorDefinition<number, Message> = {
      name: 'unwilling',
      fresh: () => ignore,
      decide: {},
    };

    expect(await handle.start(worker(told))).toMatchObject({ info: { port: 8_080 } });
    expect(await handle.start(worker(unwilling))).toEqual({ ref: null, info: undefined });
    expect(handle.child('unwilling')).toMatchObject({ state: 'undefined', ref: null });
  });
});

describe('an actor that ends itself', () => {
  it.each([
    [{ kind: 'normal' }, { kind: 'normal' }],
    [
      { kind: 'shutdown', why: 'done' },
      { kind: 'shutdown', why: 'done' },
    ],
    [undefined, { kind: 'normal' }],
  ] as const)('with %o lets its state go with %o', async (given, heard) => {
    const reasons: unknown[] = [];
    const brief: ActorDefinition<null, Message> = {
      name: 'brief',
      fresh: () => null,
      decide: {
        end: (_state, _message, cx) => {
          cx.stop(given);
          return accept();
        },
      },
      stopped: (_state, reason) => void reasons.push(reason),
    };
    const { system, clock } = await startWorld([worker(brief, { restart: 'transient' })]);
    system.ref('top/brief').send({ type: 'end' });
    await clock.settle();

    expect(reasons).toEqual([heard]);
    expect(system.supervisor('top').child('brief')).toMatchObject({ state: 'undefined' });
  });
});

describe('a supervisor found by its path', () => {
  it('refuses when it is not there, or has ended, and never hangs', async () => {
    const flags = { strategy: 'one_for_one', intensity: 1, periodMs: 1_000 } as const;
    const { system } = await startWorld([supervisor('inner', flags, [])]);
    const inner = system.supervisor('top/inner');
    expect(inner.count()).toMatchObject({ specs: 0 });
    await system.supervisor('top').terminate('inner');

    expect(inner.count()).toMatchObject({ refused: 'SUPERVISOR_GONE', details: { path: 'top/inner' } });
    expect(await system.pool('top/inner').start()).toMatchObject({ refused: 'SUPERVISOR_GONE' });
  });
});
