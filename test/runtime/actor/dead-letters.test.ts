/** The dead letter office: kept, counted, heard, and sent again with a cap. */
import { describe, expect, it } from 'vitest';
import { DeadLetters } from '../../../runtime/actor/dead-letters.ts';
import { type DeadLetter, worker } from '../../../runtime/index.ts';
import { Registry } from '../../../runtime/registry.ts';
import { type CounterMessage, counter } from '../support/counter.ts';
import { startWorld, worldPorts } from '../support/world.ts';

const add = (by: number): CounterMessage => ({ type: 'add', by });

/** A counter that takes two messages at a time, sent five: three are dead. */
async function flooded() {
  const mailbox = { capacity: 2, whenFull: 'refuse' } as const;
  const world = await startWorld([worker({ ...counter('a'), mailbox })]);
  const ref = world.system.ref<CounterMessage>('top/a');
  for (let by = 1; by <= 5; by++) ref.send(add(by));
  await world.clock.settle();
  const value = () => ref.ask<number>({ type: 'get' }, { withinMs: 1_000 });
  return { ...world, ref, value, office: world.system.deadLetters };
}

describe('the dead letter office', () => {
  it('keeps the newest, counts all, and numbers them', () => {
    const { ports } = worldPorts();
    const office = new DeadLetters({ ...ports, registry: new Registry() }, 3);
    for (let by = 1; by <= 5; by++) office.add('top/a', by === 5 ? 'poison' : 'gone', add(by));

    expect(office.recent().map(({ id, message }) => [id, message])).toEqual(
      [3, 4, 5].map((n) => [n, add(n)]),
    );
    expect(office.counts()).toEqual({ gone: 4, poison: 1 });
    expect([office.count(), office.count('gone')]).toEqual([5, 4]);
  });

  it('finds letters by address, reason, type and number, and forgets them when told to', async () => {
    const { system, office } = await flooded();
    system.ref('top/nobody').send({ type: 'hello' });

    expect(office.recent({ to: 'top/nobody' })).toMatchObject([
      { reason: 'gone', message: { type: 'hello' } },
    ]);
    expect(office.recent({ reason: 'mailbox_full', ids: [2, 4] })).toMatchObject([{ id: 2 }]);
    expect(office.purge({ type: 'add' })).toBe(3);
    expect(office.recent()).toHaveLength(1);
    expect(office.count()).toBe(4);
  });

  it('tells whoever subscribed; a listener that throws is heard of once and hears no more', async () => {
    const { system, office, log } = await flooded();
    const heard: DeadLetter[] = [];
    const end = office.subscribe((letter) => void heard.push(letter));
    office.subscribe(() => {
      throw new Error('deaf');
    });
    for (let i = 0; i < 2; i++) system.ref('top/nobody').send({ type: 'hello' });
    end();
    system.ref('top/nobody').send({ type: 'hello' });

    expect(heard.map(({ id }) => id)).toEqual([4, 5]);
    expect(log.lines.filter(({ fields }) => fields.error === 'deaf')).toHaveLength(1);
  });

  it('sends letters again, oldest first and no more than allowed, and they are dead no longer', async () => {
    const { clock, office, value } = await flooded();
    const replaying = office.replay({ to: 'top/a' }, { limit: 2 });
    await clock.settle();

    expect(await replaying).toMatchObject({ taken: 2, cameBack: 0, letters: [{ id: 1 }, { id: 2 }] });
    expect(await value()).toBe(1 + 2 + 3 + 4);
    expect(office.recent().map(({ message }) => message)).toEqual([add(5)]);
  });

  it('sends a letter that comes back once in a call, and says why it came back', async () => {
    const { clock, office } = await flooded();
    const replaying = office.replay({}, { limit: 100 });
    await clock.settle();
    const report = await replaying;

    expect(report.letters).toMatchObject([
      { id: 1, outcome: 'taken' },
      { id: 2, outcome: 'taken' },
      { id: 3, outcome: 'came_back', reason: 'mailbox_full' },
    ]);
    expect(office.recent()).toMatchObject([{ id: 4, message: add(5) }]);
  });

  it('keeps a pace when it is given one', async () => {
    const { clock, office, ref, value } = await flooded();
    const replaying = office.replay({}, { limit: 100, perSecond: 10 });
    await clock.advance(150);
    expect(await value()).toBe(1 + 2 + 3 + 4);
    await clock.advance(100);

    expect((await replaying).taken).toBe(3);
    expect(await value()).toBe(15);
    expect(ref.incarnation).toBe(1);
  });

  it('does not do again what was done: a late reply goes out only when it is asked for by name', async () => {
    const { ports } = worldPorts();
    const office = new DeadLetters({ ...ports, registry: new Registry() });
    office.add('top/a', 'late_reply', add(1));
    const [all, named] = [
      office.replay({}, { limit: 9 }),
      office.replay({ reason: 'late_reply' }, { limit: 9 }),
    ];
    await ports.clock.settle();

    expect((await all).letters).toEqual([]);
    expect(await named).toMatchObject({ cameBack: 1, letters: [{ reason: 'gone' }] });
  });
});
