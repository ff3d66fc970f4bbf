/** A whole system: refs that outlive actors, dead letters that are counted, an end that comes once. */
import { describe, expect, it } from 'vitest';
import { worker } from '../../runtime/index.ts';
import { Registry } from '../../runtime/registry.ts';
import { type CounterMessage, counter } from './support/counter.ts';
import { startWorld } from './support/world.ts';

describe('a system', () => {
  it('keeps a ref valid through a restart and tells which incarnation answers', async () => {
    const { system, clock } = await startWorld([worker(counter('a'))]);
    const ref = system.ref<CounterMessage>('top/a');
    expect(ref.incarnation).toBe(1);
    ref.send({ type: 'crash' });
    await clock.settle();
    ref.callNow({ type: 'add', by: 1 });

    expect(ref.incarnation).toBe(3);
    expect(ref.callNow({ type: 'get' })).toBe(1);
  });

  it('keeps the newest thousand dead letters and counts all of them', async () => {
    const { system, metrics } = await startWorld([]);
    for (let n = 0; n < 1_200; n++) system.ref('top/nobody').send({ type: `m${n}` });

    expect(system.deadLetters.count()).toBe(1_200);
    expect(system.deadLetters.recent()).toHaveLength(1_000);
    expect(system.deadLetters.recent()[0]?.message.type).toBe('m200');
    expect(metrics.value('esper_dead_letters_total', { reason: 'gone' })).toBe(1_200);
  });

  it('stops once, however often it is asked', async () => {
    const diary: string[] = [];
    const { system } = await startWorld([worker(counter('a', diary))]);
    await Promise.all([system.stop('first'), system.stop('second')]);

    expect(diary).toEqual(['a starts', 'a ends (shutdown)']);
    expect(await system.done).toEqual({ kind: 'shutdown', why: 'first' });
  });

  it('turns every message still waiting at the end into a dead letter', async () => {
    const { system } = await startWorld([worker(counter('a'))]);
    const ref = system.ref<CounterMessage>('top/a');
    for (let i = 0; i < 3; i++) ref.send({ type: 'add', by: 1 });
    await system.stop();
    ref.send({ type: 'add', by: 1 });

    expect(system.deadLetters.recent().map(({ reason }) => reason)).toEqual([
      'stopped',
      'stopped',
      'stopped',
      'gone',
    ]);
  });

  it('logs a crash with its code, its child and its supervisor', async () => {
    const { system, clock, log } = await startWorld([worker(counter('a'), { restart: 'temporary' })]);
    system.ref('top/a').send({ type: 'crash' });
    await clock.settle();

    expect(log.lines.filter(({ level }) => level === 'error')).toMatchObject([
      {
        level: 'error',
        fields: {
          supervisor: 'top',
          child: 'a',
          code: 'UNEXPECTED',
          error: expect.objectContaining({ message: 'a fell' }),
        },
      },
    ]);
  });
});

describe('a registry', () => {
  const at = (path: string) => ({ path }) as never;

  it('has one actor at a path, and only that one can leave it', () => {
    const registry = new Registry();
    const [first, second] = [at('x'), at('x')];
    registry.add(first);
    expect(() => registry.add(second)).toThrow(expect.objectContaining({ code: 'REGISTRY_PATH_TAKEN' }));
    registry.remove(second);
    expect(registry.find('x')).toBe(first);
    registry.remove(first);

    expect(registry.find('x')).toBeUndefined();
  });
});
