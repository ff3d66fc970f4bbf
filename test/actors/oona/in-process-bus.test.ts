import { describe, expect, it } from 'vitest';
import { InProcessBus } from '../../../actors/oona/in-process-bus.ts';
import type { OonaOptions } from '../../../actors/oona/options.ts';
import { Undeliverable } from '../../../actors/oona/undeliverable.ts';
import { memoryClock } from '../../../runtime/adapters/memory/clock.ts';

function open(options: Partial<OonaOptions> = {}) {
  const clock = memoryClock();
  let n = 0;
  const bus = new InProcessBus({ clock, ids: { next: (prefix) => `${prefix}-${n++}` } }, options);
  return { clock, bus };
}
const body = (type: string) => ({ type, v: 1 });

describe('the bus in one process', () => {
  it('returns to the publisher before anybody has heard', async () => {
    const { clock, bus } = open();
    const heard: string[] = [];
    bus.subscribe('a.*', ({ topic }) => void heard.push(topic));

    expect(bus.publish('a.b', body('x'))).toBe(true);
    expect(heard).toEqual([]);
    await clock.settle();
    expect(heard).toEqual(['a.b']);
  });

  it('lets a broken handler break nobody else', async () => {
    const { clock, bus } = open();
    const heard: string[] = [];
    bus.subscribe('a', () => {
      throw new Error('broken');
    });
    bus.subscribe('a', async () => Promise.reject(new Error('broken later')));
    bus.subscribe('a', ({ body: { type } }) => void heard.push(type));
    bus.publish('a', body('one'));
    bus.publish('a', body('two'));
    await clock.advance(1_000);

    expect(heard).toEqual(['one', 'two']);
    expect(bus.counters()).toMatchObject({ published: 6, handled: 2, dead: 4, queued: 0 });
  });

  it('tries three times with growing pauses, then tells that the message died', async () => {
    const { clock, bus } = open();
    const triedAt: number[] = [];
    const news: unknown[] = [];
    bus.subscribe('system.messages.died', (message) => void news.push(message.body));
    bus.subscribe('a', () => {
      triedAt.push(clock.nowMs());
      throw new Error('broken');
    });
    bus.publish('a', body('poor'));
    await clock.advance(10_000);

    expect(triedAt).toEqual([0, 100, 300]);
    expect(news).toEqual([
      expect.objectContaining({ topic: 'a', body: body('poor'), reason: 'UNEXPECTED: broken' }),
    ]);
    expect(clock.armed).toBe(0);
  });

  it('does not try again what cannot be delivered', async () => {
    const { clock, bus } = open();
    let tries = 0;
    bus.subscribe('a', () => {
      tries++;
      throw new Undeliverable('hopeless');
    });
    bus.publish('a', body('poor'));
    await clock.advance(10_000);

    expect(tries).toBe(1);
    expect(bus.counters()).toMatchObject({ dead: 1, queued: 0 });
  });

  it('delivers one at a time to each, while a slow one holds up only itself', async () => {
    const { clock, bus } = open();
    const slow: string[] = [];
    const quick: string[] = [];
    const finish: Array<() => void> = [];
    bus.subscribe('a', ({ body: { type } }) => {
      slow.push(type);
      return new Promise<void>((resolve) => finish.push(resolve));
    });
    bus.subscribe('a', ({ body: { type } }) => void quick.push(type));
    for (const type of ['1', '2', '3']) bus.publish('a', body(type));
    await clock.settle();

    expect({ slow, quick }).toEqual({ slow: ['1'], quick: ['1', '2', '3'] });
    expect(bus.counters()).toMatchObject({ handled: 3, queued: 3 });
    finish.shift()?.();
    await clock.settle();
    expect(slow).toEqual(['1', '2']);
  });

  it('delivers what a recovered handler missed', async () => {
    const { clock, bus } = open();
    let broken = true;
    const heard: string[] = [];
    bus.subscribe('a', ({ body: { type } }) => {
      if (broken) throw new Error('not yet');
      heard.push(type);
    });
    bus.publish('a', body('kept'));
    await clock.settle();
    broken = false;
    await clock.advance(100);

    expect(heard).toEqual(['kept']);
    expect(bus.counters()).toMatchObject({ handled: 1, dead: 0, queued: 0 });
  });

  it('stops hearing when it leaves, and buries what waited for it', async () => {
    const { clock, bus } = open();
    const heard: string[] = [];
    const leave = bus.subscribe('a', ({ body: { type } }) => void heard.push(type));
    bus.publish('a', body('late'));
    leave();
    bus.publish('a', body('later'));
    await clock.settle();

    expect(heard).toEqual([]);
    expect(bus.counters()).toMatchObject({ published: 1, dead: 1, queued: 0 });
    expect(bus.deadLetters()).toEqual([expect.objectContaining({ reason: 'unsubscribed' })]);
  });

  it('says false when a message found no room', () => {
    const { bus } = open({ queueLimits: [], defaultLimit: 1 });
    bus.subscribe('a', () => undefined);

    expect([bus.publish('a', body('1')), bus.publish('a', body('2'))]).toEqual([true, false]);
    expect(bus.publish('a', body('3'), 1)).toBe(true);
  });

  it('carries ten thousand messages in well under a second', async () => {
    const { clock, bus } = open({ defaultLimit: 20_000 });
    let heard = 0;
    bus.subscribe('>', () => void heard++);
    for (let i = 0; i < 10_000; i++) bus.publish('a.b', body('x'), i % 5);
    await clock.settle();

    expect(heard).toBe(10_000);
    expect(bus.counters()).toMatchObject({ published: 10_000, handled: 10_000, shed: 0, dead: 0 });
  });
});
