/** A direct call between co-located actors: in the caller's stack, inside the callee's failure boundary. */
import { describe, expect, it } from 'vitest';
import { type ActorDefinition, accept, type Ref, worker } from '../../../runtime/index.ts';
import { type CounterMessage, counter } from '../support/counter.ts';
import { startWorld } from '../support/world.ts';

describe('callNow', () => {
  it('answers at once, with events applied', async () => {
    const { system } = await startWorld([worker(counter('a'))]);
    const ref = system.ref<CounterMessage>('top/a');
    ref.callNow({ type: 'add', by: 4 });

    expect(ref.callNow({ type: 'get' })).toBe(4);
  });

  it('hands a refusal back as data', async () => {
    const { system } = await startWorld([worker(counter('a'))]);

    expect(system.ref<CounterMessage>('top/a').callNow({ type: 'no' })).toEqual({
      refused: 'COUNTER_SAYS_NO',
      details: { name: 'a' },
    });
  });

  it('throws ACTOR_CRASHED after the supervisor has restarted the callee', async () => {
    const { system } = await startWorld([worker(counter('a'))]);
    const ref = system.ref<CounterMessage>('top/a');
    ref.callNow({ type: 'add', by: 4 });

    expect(() => ref.callNow({ type: 'crash' })).toThrow(expect.objectContaining({ code: 'ACTOR_CRASHED' }));
    expect(ref.incarnation).toBe(2);
    expect(ref.callNow({ type: 'get' })).toBe(0);
  });

  it('throws ACTOR_GONE when nobody lives there', async () => {
    const { system } = await startWorld([]);

    expect(() => system.ref('top/nobody').callNow({ type: 'get' })).toThrow(
      expect.objectContaining({ code: 'ACTOR_GONE' }),
    );
  });

  it('refuses a handler that wants to wait, and the callee stays as it was', async () => {
    const { system, clock } = await startWorld([worker(counter('a'))]);
    const ref = system.ref<CounterMessage>('top/a');

    expect(ref.callNow({ type: 'slowly' })).toMatchObject({ refused: 'ACTOR_CALL_ASYNC' });
    await clock.settle();
    expect(ref.callNow({ type: 'get' })).toBe(0);
  });

  it('refuses while the callee is in the middle of another message', async () => {
    const { system, clock } = await startWorld([worker(counter('a'))]);
    const ref = system.ref<CounterMessage>('top/a');
    const asked = ref.ask({ type: 'slowly' }, { withinMs: 1_000 });
    await Promise.resolve();

    expect(ref.callNow({ type: 'get' })).toMatchObject({ refused: 'ACTOR_BUSY' });
    await clock.settle();
    expect(await asked).toBe(1);
  });

  it('refuses a callee that calls its caller back', async () => {
    const answers: unknown[] = [];
    const caller = caller2('caller', 'top/callee', answers);
    const callee = caller2('callee', 'top/caller', answers);
    const { system } = await startWorld([worker(caller), worker(callee)]);
    system.ref<Ring>('top/caller').callNow({ type: 'ring' });

    expect(answers).toMatchObject([{ refused: 'ACTOR_BUSY' }, 'rung']);
  });

  it('discards what a caller decided whose own life ended with the callee', async () => {
    const caller: ActorDefinition<number, { type: 'go' } | { type: 'get' }, number> = {
      name: 'caller',
      fresh: () => 0,
      decide: {
        go: (_state, _message, cx) => {
          try {
            cx.ref<CounterMessage>('top/a').callNow({ type: 'crash' });
          } catch {
            // One for all: this very handler belongs to a life that has just ended.
          }
          return accept('done', 99);
        },
        get: (state) => accept(state),
      },
      evolve: (_state, value) => value,
    };
    const { system } = await startWorld([worker(counter('a')), worker(caller)], { strategy: 'one_for_all' });
    const ref: Ref<{ type: 'go' } | { type: 'get' }> = system.ref('top/caller');

    await expect(ref.ask({ type: 'go' }, { withinMs: 100 })).rejects.toMatchObject({ code: 'ACTOR_CRASHED' });
    expect(ref.incarnation).toBe(2);
    expect(await ref.ask({ type: 'get' }, { withinMs: 100 })).toBe(0);
  });
});

interface Ring {
  readonly type: 'ring';
}

function caller2(name: string, other: string, answers: unknown[]): ActorDefinition<null, Ring> {
  return {
    name,
    fresh: () => null,
    decide: {
      ring: (_state, message, cx) => {
        answers.push(cx.ref<Ring>(other).callNow(message));
        return accept('rung');
      },
    },
  };
}
