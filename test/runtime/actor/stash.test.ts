/** Putting a message aside: until the actor says so, through a restart, and never for ever without a word. */
import { describe, expect, it } from 'vitest';
import { type ActorDefinition, accept, isRefusal, worker } from '../../../runtime/index.ts';
import { startWorld } from '../support/world.ts';

type DoorMessage =
  | { readonly type: 'pass'; readonly n: number }
  | { readonly type: 'open' }
  | { readonly type: 'crash' };

/** Lets nobody through until it is open; afterwards everybody in the order they came. */
function door(seen: number[], stash?: number): ActorDefinition<{ open: boolean }, DoorMessage, 'opened'> {
  return {
    name: 'door',
    ...(stash === undefined ? {} : { stash }),
    fresh: () => ({ open: false }),
    decide: {
      pass: async ({ open }, { n }, cx) => {
        await Promise.resolve();
        if (!open) return cx.stash();
        seen.push(n);
        return accept(n);
      },
      open: (_state, _message, cx) => {
        cx.unstashAll();
        return accept(undefined, 'opened' as const);
      },
      crash: () => {
        throw new Error('slammed');
      },
    },
    evolve: () => ({ open: true }),
  };
}

const soon = { withinMs: 1_000 };
const pass = (n: number) => ({ type: 'pass', n }) as const;

describe('a stash', () => {
  it('keeps messages until they are put back, in order and before all others; askers wait', async () => {
    const seen: number[] = [];
    const { system, clock } = await startWorld([worker(door(seen))]);
    const ref = system.ref<DoorMessage>('top/door');
    ref.send(pass(1));
    const asked = ref.ask(pass(2), soon);
    await clock.settle();
    ref.send({ type: 'open' });
    ref.send(pass(3));
    await clock.settle();

    expect(seen).toEqual([1, 2, 3]);
    expect(await asked).toBe(2);
  });

  it('leaves an asker its deadline', async () => {
    const { system, clock } = await startWorld([worker(door([]))]);
    const late = system.ref<DoorMessage>('top/door').ask(pass(1), soon);
    late.catch(() => {});
    await clock.advance(1_050);

    await expect(late).rejects.toMatchObject({ code: 'ACTOR_TIMEOUT' });
  });

  it('refuses what it has no room for', async () => {
    const { system, clock } = await startWorld([worker(door([], 1))]);
    const ref = system.ref<DoorMessage>('top/door');
    ref.send(pass(1));
    const second = ref.ask(pass(2), soon);
    second.catch(() => {});
    await clock.settle();

    await expect(second).rejects.toMatchObject({ details: { refused: 'STASH_FULL' } });
    expect(system.tree().children[0]?.mailbox).toBe(1);
  });

  it('is put back when its actor falls: the next life sees all of it again, in order', async () => {
    const seen: number[] = [];
    const { system, clock } = await startWorld([worker(door(seen))]);
    const ref = system.ref<DoorMessage>('top/door');
    for (const n of [1, 2]) ref.send(pass(n));
    ref.send({ type: 'crash' });
    await clock.settle();
    expect(ref.incarnation).toBeGreaterThan(1);
    ref.send({ type: 'open' });
    await clock.settle();

    expect(seen).toEqual([1, 2]);
  });

  it('has no place for a direct call, which cannot wait', async () => {
    const keep: ActorDefinition<null, { type: 'keep' }> = {
      name: 'keep',
      fresh: () => null,
      decide: { keep: (_state, _message, cx) => cx.stash() },
    };
    const { system } = await startWorld([worker(keep)]);
    const answer = system.ref<{ type: 'keep' }>('top/keep').callNow({ type: 'keep' });

    expect(isRefusal(answer) && answer.refused).toBe('STASH_NOT_QUEUED');
  });

  it('is buried with its actor, and askers are told', async () => {
    const { system, clock } = await startWorld([worker(door([]))]);
    const asked = system.ref<DoorMessage>('top/door').ask(pass(1), soon);
    asked.catch(() => {});
    await clock.settle();
    await system.stop();

    await expect(asked).rejects.toMatchObject({ code: 'ACTOR_GONE' });
    expect(system.deadLetters.counts()).toEqual({ stopped: 1 });
  });

  it('has no place for what is not being handled: a job that asks puts nothing aside', async () => {
    const told: unknown[] = [];
    const actor: ActorDefinition<
      null,
      { readonly type: 'begin' } | { readonly type: 'end' } | { readonly type: 'n' }
    > = {
      name: 'a',
      fresh: () => null,
      decide: {
        begin: (_state, _message, cx) => {
          cx.job('later', async () => {
            told.push(cx.stash());
            return { type: 'end' };
          });
          return accept();
        },
        end: () => accept(),
        n: () => accept('handled'),
      },
    };
    const { system, clock } = await startWorld([worker(actor)]);
    system.ref<{ type: 'begin' }>('top/a').send({ type: 'begin' });
    await clock.settle();
    const asked = system.ref<{ type: 'n' }>('top/a').ask({ type: 'n' }, soon);
    await clock.settle();

    expect(told).toMatchObject([{ refused: 'STASH_NOT_QUEUED' }]);
    expect(await asked).toBe('handled');
  });

  it('goes before a message that gets a second chance, and that one before what came after it', async () => {
    const seen: string[] = [];
    const actor: ActorDefinition<null, { readonly type: 'say'; readonly word: string }> = {
      name: 'a',
      fresh: () => null,
      decide: {
        say: (_state, { word }, cx) => {
          const first = cx.incarnation === 1;
          if (first && word === 'aside') return cx.stash();
          if (first && word === 'fall') throw new Error(word);
          if (word === 'again' && cx.incarnation === 2) throw new Error(word);
          seen.push(word);
          return accept();
        },
      },
    };
    const { system, clock } = await startWorld([worker(actor)]);
    const ref = system.ref<{ type: 'say'; word: string }>('top/a');
    for (const word of ['one', 'aside', 'fall', 'again', 'last']) ref.send({ type: 'say', word });
    await clock.settle();

    expect(seen).toEqual(['one', 'aside', 'fall', 'again', 'last']);
    expect(ref.incarnation).toBe(3);
  });

  it('keeps the order of what was put back when the first of it falls', async () => {
    const seen: number[] = [];
    let fallen = false;
    const actor: ActorDefinition<{ open: boolean }, DoorMessage, 'opened'> = {
      ...door(seen),
      decide: {
        ...door(seen).decide,
        pass: ({ open }, { n }, cx) => {
          if (!open && cx.incarnation === 1) return cx.stash();
          if (n === 1 && !fallen) {
            fallen = true;
            throw new Error('once');
          }
          seen.push(n);
          return accept(n);
        },
      },
    };
    const { system, clock } = await startWorld([worker(actor)]);
    const ref = system.ref<DoorMessage>('top/door');
    for (const n of [1, 2, 3]) ref.send(pass(n));
    ref.send({ type: 'open' });
    await clock.settle();

    expect(seen).toEqual([1, 2, 3]);
  });
});
