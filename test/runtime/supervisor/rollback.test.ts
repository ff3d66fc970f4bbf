/** A bank that never loses money: when one of its actors falls, all of them go back to the same moment. */
import { describe, expect, it } from 'vitest';
import { memoryClock } from '../../../runtime/adapters/memory/clock.ts';
import { memoryIds } from '../../../runtime/adapters/memory/ids.ts';
import {
  type ActorDefinition,
  accept,
  RollbackGroup,
  type RolledBack,
  worker,
} from '../../../runtime/index.ts';
import { deferred } from '../support/deferred.ts';
import { startWorld } from '../support/world.ts';
import { member } from './member.ts';

/** A live object, as residents have it: changed in place, restored in place. */
interface Till {
  cash: number;
  readonly heard: RolledBack[];
}

type TillMessage =
  | { readonly type: 'pay'; readonly amount: number }
  | { readonly type: 'cash' }
  | { readonly type: 'heard' }
  | { readonly type: 'transfer'; readonly amount: number; readonly crash: boolean }
  | { readonly type: 'checkpoint' }
  | { readonly type: 'undo' }
  | { readonly type: 'count'; readonly until: Promise<void> }
  | { readonly type: 'fail' }
  | RolledBack;

const released: unknown[] = [];

function till(name: string, other: string): ActorDefinition<Till, TillMessage> {
  return {
    name,
    fresh: () => ({ cash: 100, heard: [] }),
    decide: {
      pay: (state, { amount }) => {
        if (amount < 0) throw new Error('nobody pays less than nothing');
        state.cash += amount;
        return accept();
      },
      cash: ({ cash }) => accept(cash),
      heard: ({ heard }) => accept(heard.length),
      transfer: (state, { amount, crash }, cx) => {
        state.cash -= amount;
        cx.ref<TillMessage>(other).callNow({ type: 'pay', amount: crash ? -1 : amount });
        return accept('paid');
      },
      checkpoint: (state, _message, cx) => accept(cx.checkpoints().capture({ cash: state.cash })),
      undo: (state, _message, cx) => {
        const outcome = cx.rollback('asked to');
        return accept([outcome.meta, state.cash]);
      },
      count: (_state, { until }, cx) => {
        cx.job('count', async () => {
          await until;
          return { type: 'pay', amount: 1_000 };
        });
        return accept();
      },
      fail: (_state, _message, cx) => {
        cx.fail(new Error('robbed'));
        return accept();
      },
      'runtime.rolled_back': (state, message) => {
        state.heard.push(message);
        return accept();
      },
    },
    rollback: {
      capture: ({ cash }) => cash,
      restore: (state, saved) => {
        state.cash = saved as number;
        return state;
      },
      release: (saved) => void released.push(saved),
    },
  };
}

async function bank(options = {}) {
  const children = [worker(till('left', 'top/right')), worker(till('right', 'top/left'))];
  const world = await startWorld(children, { strategy: 'one_for_all', onFailure: 'rollback', ...options });
  const [left, right] = ['left', 'right'].map((id) => world.system.ref<TillMessage>(`top/${id}`));
  if (!left || !right) throw new Error('unreachable');
  return { ...world, left, right, cash: () => [left, right].map((ref) => ref.callNow({ type: 'cash' })) };
}

describe('a supervisor that rolls back', () => {
  it('returns the whole group to the newest checkpoint when one falls in the middle of a transfer', async () => {
    const { left, clock, cash, system } = await bank();
    left.callNow({ type: 'transfer', amount: 30, crash: false });
    left.callNow({ type: 'checkpoint' });
    left.callNow({ type: 'pay', amount: 500 });
    expect(cash()).toEqual([570, 130]);
    const asked = expect(
      left.ask({ type: 'transfer', amount: 70, crash: true }, { withinMs: 100 }),
    ).rejects.toMatchObject({
      code: 'ACTOR_CRASHED',
    });
    await clock.settle();
    await asked;

    expect(cash()).toEqual([70, 130]);
    expect(system.tree().children.map(({ incarnation }) => incarnation)).toEqual([1, 2]);
    expect([
      left.callNow({ type: 'heard' }),
      system.ref<TillMessage>('top/right').callNow({ type: 'heard' }),
    ]).toEqual([1, 1]);
  });

  it('starts afresh as long as nothing was captured', async () => {
    const { left, cash, clock } = await bank();
    left.callNow({ type: 'pay', amount: 1 });
    left.send({ type: 'fail' });
    await clock.settle();

    expect(cash()).toEqual([100, 100]);
  });

  it('aborts the jobs of all participants first', async () => {
    const { left, right, cash, clock } = await bank();
    const { promise, resolve } = deferred<void>();
    left.callNow({ type: 'checkpoint' });
    left.callNow({ type: 'count', until: promise });
    right.send({ type: 'fail' });
    await clock.settle();
    resolve();
    await clock.settle();

    expect(cash()).toEqual([100, 100]);
  });

  it('goes back when an actor asks, and that actor goes on', async () => {
    const { left, cash } = await bank();
    left.callNow({ type: 'checkpoint' });
    left.callNow({ type: 'pay', amount: 5 });

    expect(left.callNow({ type: 'undo' })).toEqual([{ cash: 100 }, 100]);
    expect(cash()).toEqual([100, 100]);
    expect(left.incarnation).toBe(1);
  });

  it('trusts a checkpoint twice: then it takes the older one, then it escalates', async () => {
    const { left, cash, clock, system } = await bank();
    left.callNow({ type: 'checkpoint' });
    left.callNow({ type: 'pay', amount: 7 });
    left.callNow({ type: 'checkpoint' });
    const history: unknown[] = [];
    for (let i = 0; i < 4; i++) {
      left.send({ type: 'fail' });
      await clock.settle();
      history.push(cash()[0]);
    }
    left.send({ type: 'fail' });

    expect(history).toEqual([107, 107, 100, 100]);
    expect(await system.done).toMatchObject({ kind: 'crashed', error: { code: 'ROLLBACK_EXHAUSTED' } });
  });

  it('gives up when the group falls too often', async () => {
    const { left, clock, system } = await bank({ intensity: 1 });
    left.callNow({ type: 'checkpoint' });
    left.send({ type: 'fail' });
    await clock.settle();
    left.send({ type: 'fail' });

    expect(await system.done).toMatchObject({ kind: 'crashed', error: { code: 'SUPERVISOR_GAVE_UP' } });
  });

  it('says ROLLBACK_NO_GROUP where no checkpoints are kept', async () => {
    const { system } = await startWorld([worker(till('left', 'top/right'))]);

    expect(() => system.ref<TillMessage>('top/left').callNow({ type: 'undo' })).toThrow(
      expect.objectContaining({ cause: expect.objectContaining({ code: 'ROLLBACK_NO_GROUP' }) }),
    );
  });
});

describe('a rollback group', () => {
  const groupOf = (members: ReturnType<typeof member>[], size = 5) =>
    new RollbackGroup({ members: () => members, clock: memoryClock(), ids: memoryIds(), size });

  it('keeps the newest few and releases the oldest', () => {
    const one = member('a');
    const group = groupOf([one], 2);
    for (const value of [1, 2, 3]) {
      one.set(value);
      group.capture(value);
    }

    expect(group.list().map(({ meta }) => meta)).toEqual([2, 3]);
    expect(one.log).toEqual(['release 1']);
  });

  it('quarantines a checkpoint that cannot be restored twice, and uses the next older', () => {
    const one = member('a', new Set([2]));
    const group = groupOf([one]);
    for (const value of [1, 2]) {
      one.set(value);
      group.capture(value);
    }

    expect(group.restore()).toMatchObject({ meta: 1, attempts: 3 });
    expect(one.get()).toBe(1);
    expect(group.list()).toMatchObject([{ quarantined: false }, { quarantined: true, failures: 2 }]);
    expect(one.log).toEqual(['interrupt', 'release 2']);
  });

  it('goes back before a given checkpoint, and lets go of the future that will not happen', () => {
    const one = member('a');
    const group = groupOf([one]);
    const [, second] = [1, 2, 3].map((value) => {
      one.set(value);
      return group.capture(value);
    });

    expect(group.restore({ before: second as string })).toMatchObject({ meta: 1 });
    expect(group.list().map(({ meta }) => meta)).toEqual([1]);
  });

  it('captures everybody or nobody', () => {
    const [fine, dead] = [member('a'), { ...member('b'), alive: false }];
    const group = groupOf([fine, dead]);

    expect(() => group.capture()).toThrow(expect.objectContaining({ code: 'ROLLBACK_NOT_READY' }));
    expect(group.list()).toEqual([]);
    expect(fine.log).toEqual(['release 0']);
  });

  it('never restores a copy that has changed since it was made', () => {
    let rotten = false;
    const one = member('a', new Set(), (saved) => `${saved}${rotten && saved === 2 ? ' rotten' : ''}`);
    const group = groupOf([one]);
    for (const value of [1, 2]) {
      one.set(value);
      group.capture(value);
    }
    rotten = true;

    expect(group.restore()).toMatchObject({ meta: 1, attempts: 1 });
    expect(group.list()).toMatchObject([{ quarantined: false }, { quarantined: true, failures: 0 }]);
  });

  it('is stopped neither by a copy that cannot be let go nor by one that cannot be looked at', () => {
    let rotten = false;
    const one = member('a', new Set(), () => {
      if (rotten) throw new Error('unreadable');
      return 'sound';
    });
    const stuck = Object.assign(member('b'), {
      release() {
        throw new Error('in use');
      },
    });
    const complaints: string[] = [];
    const group = new RollbackGroup({
      members: () => [one, stuck],
      clock: memoryClock(),
      ids: memoryIds(),
      size: 1,
      notReleased: (path, { message }) => void complaints.push(`${path}: ${message}`),
    });
    group.capture(1);
    group.capture(2);
    expect(one.log).toEqual(['release 0']);
    rotten = true;

    expect(() => group.restore()).toThrow(expect.objectContaining({ code: 'ROLLBACK_EXHAUSTED' }));
    group.clear();
    expect(group.list()).toEqual([]);
    expect(complaints).toEqual(['b: in use', 'b: in use']);
  });

  it('does not go back while it is going back', () => {
    const one = member('a');
    let deep = 0;
    const group: RollbackGroup = groupOf([
      Object.assign(one, {
        restore() {
          if (++deep < 10) group.restore();
        },
      }),
    ]);
    group.capture();

    expect(() => group.restore()).toThrow(expect.objectContaining({ code: 'ROLLBACK_EXHAUSTED' }));
    expect(deep).toBe(2);
  });

  it('waits at the barrier until nobody is busy, and lets everybody go again', async () => {
    const [one, two] = [member('a'), member('b')];
    const { promise, resolve } = deferred<void>();
    two.handling = promise.then(() => {
      two.handling = null;
      two.set(7);
    });
    const group = groupOf([one, two]);
    const cut = group.barrier('meta');
    await Promise.resolve();
    await Promise.resolve();
    expect(group.list()).toEqual([]);
    resolve();
    await cut;

    expect(group.list()).toMatchObject([{ meta: 'meta', mail: 0 }]);
    expect(one.log).toEqual(['hold', 'let go']);
    two.set(8);
    group.restore();
    expect(two.get()).toBe(7);
    expect(one.log).toEqual(['hold', 'let go', 'interrupt', 'remail']);
  });

  it.each(['is busy for too long', 'starts anew', 'goes back'])(
    'gives the barrier up when somebody %s, and lets everybody go',
    async (what) => {
      const clock = memoryClock();
      const one = member('a');
      const group = new RollbackGroup({ members: () => [one], clock, ids: memoryIds() });
      const { promise, resolve } = deferred<void>();
      one.handling = promise;
      group.capture();
      const refused = expect(group.barrier(null, { withinMs: 500 })).rejects.toMatchObject({
        code: 'ROLLBACK_BARRIER_LATE',
        retryable: true,
      });
      await clock.settle();
      if (what === 'starts anew') one.incarnation++;
      if (what === 'goes back') group.restore();
      if (what === 'is busy for too long') await clock.advance(500);
      resolve();
      await refused;

      expect(group.list()).toHaveLength(1);
      expect(one.log.filter((line) => line !== 'interrupt')).toEqual(['hold', 'let go']);
      expect(clock.armed).toBe(0);
    },
  );

  it('takes barriers one after the other', async () => {
    const group = groupOf([member('a')]);
    await Promise.all([group.barrier(1), group.barrier(2)]);

    expect(group.list().map(({ meta }) => meta)).toEqual([1, 2]);
  });

  it('tries again when it is cut short between states and mail: a restore may be repeated', () => {
    let cuts = 1;
    const hit = (point: string) => {
      if (point === 'rollbackAfterLoadBeforeResume' && cuts-- > 0) throw new Error('cut short');
    };
    const one = member('a');
    const options = { members: () => [one], clock: memoryClock(), ids: memoryIds(), failPoints: { hit } };
    const group = new RollbackGroup(options);
    one.set(1);
    group.capture(1);
    one.set(2);

    expect(group.restore()).toMatchObject({ meta: 1, attempts: 2 });
    expect(one.get()).toBe(1);
    expect(group.list()).toMatchObject([{ failures: 1, quarantined: false }]);
  });

  it('has nothing left when all are quarantined', () => {
    const one = member('a');
    const group = groupOf([one]);
    group.quarantine(group.capture());

    expect(() => group.restore()).toThrow(expect.objectContaining({ code: 'ROLLBACK_EXHAUSTED' }));
  });
});
