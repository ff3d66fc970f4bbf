/** One actor: order, one message at a time, replies, refusals, crashes and second chances. */
import { describe, expect, it } from 'vitest';
import { type ActorDefinition, accept, worker } from '../../../runtime/index.ts';
import { type CounterMessage, counter } from '../support/counter.ts';
import { startWorld } from '../support/world.ts';

const soon = { withinMs: 1_000 };

describe('a cell', () => {
  it('answers what was asked, after the events have changed it', async () => {
    const { system } = await startWorld([worker(counter('a'))]);
    const ref = system.ref<CounterMessage>('top/a');
    ref.send({ type: 'add', by: 2 });
    ref.send({ type: 'add', by: 3 });

    expect(await ref.ask({ type: 'get' }, soon)).toBe(5);
  });

  it('handles one message at a time, even when handlers wait', async () => {
    const { system } = await startWorld([worker(counter('a'))]);
    const ref = system.ref<CounterMessage>('top/a');
    await Promise.all(Array.from({ length: 100 }, () => ref.ask({ type: 'slowly' }, soon)));

    expect(await ref.ask({ type: 'get' }, soon)).toBe(100);
  });

  it('carries a refusal to the asker with its code, and changes nothing', async () => {
    const { system } = await startWorld([worker(counter('a'))]);
    const ref = system.ref<CounterMessage>('top/a');

    await expect(ref.ask({ type: 'no' }, soon)).rejects.toMatchObject({
      code: 'ACTOR_REFUSED',
      details: { refused: 'COUNTER_SAYS_NO', details: { name: 'a' } },
    });
    expect(await ref.ask({ type: 'get' }, soon)).toBe(0);
  });

  it('gives a message that crashed it a second chance, and makes a dead letter of it at the second crash', async () => {
    const { system } = await startWorld([worker(counter('a'))]);
    const ref = system.ref<CounterMessage>('top/a');

    await expect(ref.ask({ type: 'crash' }, soon)).rejects.toMatchObject({ code: 'ACTOR_CRASHED' });
    expect(ref.incarnation).toBe(3);
    expect(system.deadLetters.recent()).toMatchObject([{ to: 'top/a', reason: 'poison' }]);
  });

  it('keeps the mailbox and the order of what waits through a restart', async () => {
    const seen: number[] = [];
    let fragile = true;
    const actor: ActorDefinition<null, { type: 'note'; n: number }> = {
      name: 'a',
      fresh: () => null,
      decide: {
        note: (_state, { n }) => {
          if (n === 2 && fragile) {
            fragile = false;
            throw new Error('once');
          }
          seen.push(n);
          return accept();
        },
      },
    };
    const { system, clock } = await startWorld([worker(actor)]);
    const ref = system.ref<{ type: 'note'; n: number }>('top/a');
    for (const n of [1, 2, 3, 4]) ref.send({ type: 'note', n });
    await clock.settle();

    expect(seen).toEqual([1, 2, 3, 4]);
    expect(ref.incarnation).toBe(2);
  });

  it('hears the system before users, each in order', async () => {
    const seen: string[] = [];
    const actor: ActorDefinition<null, { type: 'note'; text: string }> = {
      name: 'a',
      fresh: () => null,
      decide: {
        note: (_state, { text }) => {
          seen.push(text);
          return accept();
        },
      },
    };
    const { system, clock } = await startWorld([worker(actor)]);
    const ref = system.ref<{ type: 'note'; text: string }>('top/a');
    ref.send({ type: 'note', text: 'u1' });
    ref.send({ type: 'note', text: 's1' }, { priority: 'system' });
    ref.send({ type: 'note', text: 'u2' });
    ref.send({ type: 'note', text: 's2' }, { priority: 'system' });
    await clock.settle();

    expect(seen).toEqual(['s1', 's2', 'u1', 'u2']);
  });

  it('makes a dead letter of what it has no handler for, even if the word means something to JavaScript', async () => {
    const { system } = await startWorld([worker(counter('a'))]);

    await expect(system.ref('top/a').ask({ type: 'constructor' }, soon)).rejects.toMatchObject({
      code: 'ACTOR_REFUSED',
      details: { refused: 'NOT_UNDERSTOOD' },
    });
    expect(system.deadLetters.recent()).toMatchObject([{ reason: 'not_understood' }]);
  });

  it('lets other things happen while it works through a long queue', async () => {
    const { system, clock } = await startWorld([
      worker({ ...counter('a'), mailbox: { capacity: 10_000, whenFull: 'refuse' as const } }),
    ]);
    const ref = system.ref<CounterMessage>('top/a');
    for (let i = 0; i < 10_000; i++) ref.send({ type: 'add', by: 1 });
    await new Promise<void>((resolve) => setImmediate(resolve));

    const part = system.tree().children[0]?.handled ?? 0;
    expect(part).toBeGreaterThan(0);
    expect(part).toBeLessThan(10_000);
    await clock.settle();
    expect(system.tree().children[0]?.handled).toBe(10_000);
  });
});
