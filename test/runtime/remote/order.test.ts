import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CarriedLetter } from '../../../runtime/remote/envelope.ts';
import { Inbox, WINDOW } from '../../../runtime/remote/inbox.ts';
import { Outbox, type Outgoing } from '../../../runtime/remote/outbox.ts';
import { upTo } from './sink.ts';

const letter = (seq: number): CarriedLetter => ({ seq, id: `a.1.${seq}`, is: 'tell', path: 'x' });

const outgoing = (n: number, lost: (n: number) => void = () => {}, wanted = () => true): Outgoing => ({
  text: { id: `a.1.${n}`, is: 'tell', path: 'x' },
  dueMs: null,
  wanted,
  lost: () => lost(n),
});

const numberOf = ({ text }: Outgoing) => Number(text.id.split('.')[2]);

describe('an inbox', () => {
  it('hands on every letter once and in order, however they come', () => {
    const arrivals = fc
      .integer({ min: 1, max: 60 })
      .chain((count) =>
        fc.tuple(
          fc.constant(count),
          fc.shuffledSubarray(upTo(count), { minLength: count }),
          fc.array(fc.integer({ min: 0, max: count - 1 }), { maxLength: 60 }),
        ),
      );
    fc.assert(
      fc.property(arrivals, ([count, order, again]) => {
        const inbox = new Inbox();
        const taken: number[] = [];
        for (const [i, n] of [...order, ...again].entries()) {
          inbox.take(letter(n + 1), ({ seq }) => taken.push(seq));
          const doubled = again[i];
          if (doubled !== undefined) inbox.take(letter(doubled + 1), ({ seq }) => taken.push(seq));
        }
        expect(taken).toEqual(upTo(count).map((n) => n + 1));
        expect([inbox.arrived, inbox.early, inbox.beyondGap]).toEqual([count, 0, 0]);
        expect(inbox.duplicates).toBeGreaterThanOrEqual(again.length);
      }),
    );
  });

  it('says where the gap ends, and keeps no more than its window', () => {
    const inbox = new Inbox();
    for (let seq = 3; seq <= 2 * WINDOW; seq++) inbox.take(letter(seq), () => {});
    expect([inbox.arrived, inbox.beyondGap, inbox.early]).toEqual([0, 3, WINDOW - 2]);
    expect(inbox.tooEarly).toBe(WINDOW);
  });
});

describe('an outbox', () => {
  const box = (letters = 100, bytes = 1e9) => new Outbox({ letters, bytes });

  it('takes no more than its bounds, in letters and in bytes', () => {
    const [few, small] = [box(3), box(100, 400)];
    expect(upTo(5).map((n) => few.add(outgoing(n)))).toEqual([true, true, true, false, false]);
    expect(upTo(5).filter((n) => small.add(outgoing(n)))).toEqual([0, 1, 2]);
    expect([few.size, small.bytes]).toEqual([3, 3 * 129]);
  });

  it('never sends beyond the limit of the other side, and gives places without gaps', () => {
    const outbox = box();
    for (const n of upTo(10)) outbox.add(outgoing(n));
    const next = () => outbox.next(4, 0)?.seq;
    expect(upTo(6).map(next)).toEqual([1, 2, 3, 4, undefined, undefined]);
    expect([outbox.waiting, outbox.receipt(2).length, outbox.sent.map(({ seq }) => seq)]).toEqual([
      6,
      2,
      [3, 4],
    ]);
  });

  it('puts what could not be sent back in front, and gives it the same places', () => {
    const outbox = box();
    for (const n of upTo(5)) outbox.add(outgoing(n));
    for (const _ of upTo(3)) outbox.next(99, 0);
    outbox.takeBack(2);
    const order = upTo(4).map(() => outbox.next(99, 0));
    expect(order.map((sent) => sent && [sent.seq, numberOf(sent.outgoing)])).toEqual([
      [2, 1],
      [3, 2],
      [4, 3],
      [5, 4],
    ]);
  });

  it('lets go of what nobody waits for before it is sent, and says so', () => {
    const lost: number[] = [];
    const outbox = box();
    outbox.add(
      outgoing(
        0,
        (n) => lost.push(n),
        () => false,
      ),
    );
    outbox.add({ ...outgoing(1, (n) => lost.push(n)), dueMs: 50 });
    outbox.add(outgoing(2));
    const sent = outbox.next(9, 60);
    expect([lost, sent?.seq, outbox.size]).toEqual([[0, 1], 1, 1]);
  });

  it('loses nothing: every letter is receipted, doubtful, or still waiting', () => {
    const step = fc.oneof(
      fc.constant('add' as const),
      fc.constant('next' as const),
      fc.constant('restart' as const),
      fc.record({ ack: fc.integer({ min: 0, max: 30 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const outbox = box(20);
        const out: number[] = [];
        let added = 0;
        for (const one of steps) {
          if (one === 'add') {
            if (outbox.add(outgoing(added))) added++;
          } else if (one === 'next') outbox.next(1e6, 0);
          else if (one === 'restart') out.push(...outbox.restart().map(numberOf));
          else out.push(...outbox.receipt(one.ack).map((sent) => numberOf(sent.outgoing)));
        }
        expect(outbox.size).toBeLessThanOrEqual(20);
        out.push(...outbox.drain().map(numberOf));
        expect(out).toEqual(upTo(added));
        expect([outbox.size, outbox.bytes]).toEqual([0, 0]);
      }),
    );
  });
});
