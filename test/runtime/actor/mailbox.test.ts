/** Two bounded lanes, checked against the simplest model that could be right. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Mailbox } from '../../../runtime/actor/mailbox.ts';
import { Ring } from '../../../runtime/actor/ring.ts';
import { worker } from '../../../runtime/index.ts';
import { type CounterMessage, counter } from '../support/counter.ts';
import { startWorld } from '../support/world.ts';

type Step =
  | 'offer'
  | 'patient'
  | 'system'
  | 'force'
  | 'takeSystem'
  | 'takeUser'
  | 'suspend'
  | 'resume'
  | 'drain';
const steps: fc.Arbitrary<Step> = fc.constantFrom(
  'offer',
  'patient',
  'system',
  'force',
  'takeSystem',
  'takeUser',
  'suspend',
  'resume',
  'drain',
);

describe('a ring', () => {
  it('gives back what was put in, in order, however it grew', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.nat(), { nil: undefined }), { maxLength: 200 }), (ops) => {
        const ring = new Ring<{ n: number }>();
        const model: { n: number }[] = [];
        for (const n of ops) {
          if (n === undefined) expect(ring.shift()).toBe(model.shift());
          else {
            const item = { n };
            ring.push(item);
            model.push(item);
          }
          expect(ring.size).toBe(model.length);
          expect(ring.toArray()).toEqual(model);
        }
      }),
    );
  });
});

describe('a mailbox', () => {
  it('behaves like three lists with a bound', () => {
    const policy = fc.constantFrom('refuse' as const, 'park' as const);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        policy,
        fc.array(steps, { maxLength: 80 }),
        (capacity, whenFull, ops) => {
          const mailbox = new Mailbox<{ n: number }>({ capacity, whenFull });
          mailbox.resume();
          const [system, user, parked]: { n: number }[][] = [[], [], []];
          if (!system || !user || !parked) return;
          let suspended = false;
          for (const [n, op] of ops.entries()) {
            const item = { n };
            const room = user.length < capacity;
            if (op === 'offer') {
              expect(mailbox.offer(item)).toBe(room);
              if (room) user.push(item);
            } else if (op === 'patient') {
              const lot = whenFull === 'park' && parked.length < capacity;
              expect(mailbox.offerPatiently(item)).toBe(room || lot);
              if (room) user.push(item);
              else if (lot) parked.push(item);
            } else if (op === 'system') {
              expect(mailbox.offerSystem(item)).toBe(true);
              system.push(item);
            } else if (op === 'force') {
              mailbox.force(item);
              user.push(item);
            } else if (op === 'takeSystem') {
              expect(mailbox.takeSystem()).toBe(suspended ? undefined : system.shift());
            } else if (op === 'takeUser') {
              expect(mailbox.takeUser()).toBe(suspended ? undefined : user.shift());
              if (!suspended)
                while (parked.length > 0 && user.length < capacity) user.push(parked.shift() ?? item);
            } else if (op === 'drain') {
              expect(mailbox.drain()).toEqual([...system.splice(0), ...user.splice(0), ...parked.splice(0)]);
            } else {
              suspended = op === 'suspend';
              if (suspended) mailbox.suspend();
              else mailbox.resume();
            }
            expect(mailbox.depth).toBe(system.length + user.length + parked.length);
            expect(mailbox.ready).toBe(!suspended && mailbox.depth > 0);
          }
        },
      ),
    );
  });
});

describe('a full mailbox', () => {
  const small = (whenFull: 'refuse' | 'park') => ({ ...counter('a'), mailbox: { capacity: 2, whenFull } });

  it('refuses a tell, and the refused message is a dead letter', async () => {
    const { system } = await startWorld([worker(small('refuse'))]);
    const ref = system.ref<CounterMessage>('top/a');

    expect([1, 2, 3].map((by) => ref.send({ type: 'add', by }))).toEqual([true, true, false]);
    expect(system.deadLetters.recent()).toMatchObject([{ reason: 'mailbox_full', message: { by: 3 } }]);
  });

  it('tells an asker at once that it is full', async () => {
    const { system } = await startWorld([worker(small('refuse'))]);
    const ref = system.ref<CounterMessage>('top/a');
    ref.send({ type: 'add', by: 1 });
    ref.send({ type: 'add', by: 1 });

    await expect(ref.ask({ type: 'get' }, { withinMs: 1_000 })).rejects.toMatchObject({
      code: 'ACTOR_REFUSED',
      retryable: true,
      details: { refused: 'MAILBOX_FULL' },
    });
  });

  it('with policy park lets as many askers again wait outside, in their turn', async () => {
    const { system } = await startWorld([worker(small('park'))]);
    const ref = system.ref<CounterMessage>('top/a');
    ref.send({ type: 'add', by: 1 });
    ref.send({ type: 'add', by: 1 });
    const parked = [1, 2].map(() => ref.ask({ type: 'get' }, { withinMs: 1_000 }));

    await expect(ref.ask({ type: 'get' }, { withinMs: 1_000 })).rejects.toMatchObject({
      details: { refused: 'MAILBOX_FULL' },
    });
    expect(await Promise.all(parked)).toEqual([2, 2]);
  });
});
