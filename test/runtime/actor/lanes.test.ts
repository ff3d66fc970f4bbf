/** Mailbox policies against the simplest models that could be right: nothing is lost without being counted. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CoalescingLane } from '../../../runtime/actor/coalescing-lane.ts';
import type { LaneHost } from '../../../runtime/actor/lane.ts';
import { Mailbox } from '../../../runtime/actor/mailbox.ts';
import { PRIORITIES, type Priority } from '../../../runtime/actor/priority.ts';
import { PriorityLane } from '../../../runtime/actor/priority-lane.ts';
import { type SpillCodec, SpillingLane } from '../../../runtime/actor/spilling-lane.ts';
import { memoryClock } from '../../../runtime/adapters/memory/clock.ts';
import { memorySpillStore } from '../../../runtime/adapters/memory/spill.ts';

interface Note {
  readonly n: number;
  readonly key: number;
}

function host<T>(): LaneHost<T> & { readonly displacedOnes: T[]; lostOnes: number } {
  const displacedOnes: T[] = [];
  return {
    path: 'top/a',
    displacedOnes,
    lostOnes: 0,
    displaced: (item) => void displacedOnes.push(item),
    arrived: () => {},
    lost(count) {
      this.lostOnes += count;
    },
  };
}

/** What was sent is what was taken, refused, given up or still waits. */
function expectNothingLost(mailbox: Mailbox<Note>, taken: number): void {
  const { counts } = mailbox;
  expect(counts.taken).toBe(taken);
  expect(counts.sent).toBe(counts.taken + counts.refused + counts.coalesced + counts.shed + mailbox.depth);
}

describe('a mailbox that coalesces', () => {
  it('keeps only the newest of a key, in the place of the oldest, like a list with replacement', () => {
    const ops = fc.array(fc.option(fc.nat(5), { nil: undefined }), { maxLength: 100 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), ops, (capacity, keys) => {
        const told = host<Note>();
        const keyOf = ({ key }: Note) => (key === 0 ? undefined : key);
        const lane = new CoalescingLane<Note>(capacity, keyOf, told);
        const mailbox = new Mailbox<Note>({ capacity, whenFull: 'coalesce' }, lane);
        mailbox.resume();
        const model: Note[] = [];
        const replaced: Note[] = [];
        let [taken, refused] = [0, 0];
        for (const [n, key] of keys.entries()) {
          if (key === undefined) {
            const first = model.shift();
            expect(mailbox.takeUser()).toBe(first);
            if (first !== undefined) taken++;
          } else {
            const note = { n, key };
            const at = key === 0 ? -1 : model.findIndex((one) => one.key === key);
            const room = at >= 0 || model.length < capacity;
            expect(mailbox.offer(note)).toBe(room);
            if (at >= 0) replaced.push(...model.splice(at, 1, note));
            else if (room) model.push(note);
            else refused++;
          }
          expect(mailbox.users()).toEqual(model);
          expectNothingLost(mailbox, taken);
        }
        expect(told.displacedOnes).toEqual(replaced);
        expect(mailbox.counts).toMatchObject({ coalesced: replaced.length, refused });
      }),
    );
  });
});

describe('a mailbox with priorities', () => {
  type Op = { readonly offer: Priority } | { readonly pass: number } | 'take';
  const ops: fc.Arbitrary<Op[]> = fc.array(
    fc.oneof(
      fc.record({ offer: fc.constantFrom(...PRIORITIES) }),
      fc.record({ pass: fc.nat(30) }),
      fc.constant('take' as const),
    ),
    { maxLength: 120 },
  );

  it('gives the most urgent first, counting age, and sheds the least urgent, like a sorted list', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 6 }), ops, async (capacity, steps) => {
        const clock = memoryClock();
        const told = host<Note>();
        const quotas = [capacity, capacity, 2];
        const lane = new PriorityLane<Note>(
          { capacity, priorities: { quotas, ageMs: 20 } },
          ({ key }) => key as Priority,
          clock,
          told,
        );
        const mailbox = new Mailbox<Note>({ capacity, whenFull: 'refuse' }, lane);
        mailbox.resume();
        let model: { note: Note; atMs: number }[] = [];
        const shed: Note[] = [];
        let taken = 0;
        for (const [n, step] of steps.entries()) {
          if (step === 'take') {
            const risen = ({ note, atMs }: (typeof model)[number]) =>
              Math.max(0, note.key - Math.floor((clock.nowMs() - atMs) / 20));
            const best = model.toSorted((a, b) => risen(a) - risen(b) || a.note.n - b.note.n)[0];
            expect(mailbox.takeUser()).toBe(best?.note);
            if (best !== undefined) taken++;
            model = model.filter((one) => one !== best);
          } else if ('pass' in step) await clock.advance(step.pass);
          else {
            const note = { n, key: step.offer };
            const quota =
              model.filter(({ note: { key } }) => key === note.key).length < (quotas[note.key] ?? capacity);
            const least = Math.max(-1, ...model.map(({ note: { key } }) => key));
            const full = model.length >= capacity;
            const room = quota && (!full || least > note.key);
            expect(mailbox.offer(note)).toBe(room);
            if (room && full) {
              const gone = model.findLast((one) => one.note.key === least);
              if (gone) shed.push(gone.note);
              model = model.filter((one) => one !== gone);
            }
            if (room) model.push({ note, atMs: clock.nowMs() });
          }
          expectNothingLost(mailbox, taken);
        }
        expect(told.displacedOnes).toEqual(shed);
        expect(shed.every(({ key }) => key > 0)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('lets the least urgent have its turn although more urgent ones keep coming', async () => {
    const clock = memoryClock();
    const priorities = { ageMs: 100 };
    const lane = new PriorityLane<Note>(
      { capacity: 100, priorities },
      ({ key }) => key as Priority,
      clock,
      host(),
    );
    lane.offer({ n: 0, key: 4 });
    const order: number[] = [];
    for (let n = 1; order.at(-1) !== 0 && n < 100; n++) {
      lane.offer({ n, key: 0 });
      await clock.advance(50);
      order.push(lane.take()?.n ?? -1);
    }

    expect(order.at(-1)).toBe(0);
    expect(order.length).toBe(8);
  });
});

/** Odd ones have to stay in memory. */
const codec: SpillCodec<Note> = {
  encode: ({ n, key }) => (key === 1 ? null : Uint8Array.of(n, key)),
  decode: ([n = 0, key = 0]) => ({ n, key }),
};

describe('a mailbox that spills', () => {
  it('gives everything back in order, wherever it had been kept, and refuses only what fits nowhere', async () => {
    const ops = fc.array(fc.constantFrom('tell', 'ask', 'force', 'take', 'settle'), { maxLength: 150 });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 0, max: 20 }),
        ops,
        async (capacity, maxBytes, steps) => {
          const spill = memorySpillStore().open('top/a', maxBytes);
          const lane = new SpillingLane<Note>(capacity, spill, codec, host());
          const mailbox = new Mailbox<Note>({ capacity, whenFull: 'spill' }, lane);
          mailbox.resume();
          const model: Note[] = [];
          let taken = 0;
          const take = () => {
            const note = mailbox.takeUser();
            if (note === undefined) return false;
            expect(note).toEqual(model.shift());
            taken++;
            return true;
          };
          for (const [n, step] of steps.entries()) {
            const note = { n, key: step === 'ask' ? 1 : 0 };
            if (step === 'settle') await settled();
            else if (step === 'take') take();
            else if (step === 'force') {
              mailbox.force(note);
              model.push(note);
            } else if (mailbox.offer(note)) model.push(note);
            else expect(model.length).toBeGreaterThanOrEqual(capacity);
            expect(mailbox.depth).toBe(model.length);
            expectNothingLost(mailbox, taken);
          }
          for (let empty = false; !empty; ) {
            await settled();
            empty = !take() && model.length === 0;
          }
          expect(spill.count).toBe(0);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('hands what is outside to its host when it is emptied', async () => {
    const told = host<Note>();
    const lane = new SpillingLane<Note>(2, memorySpillStore().open('top/a', 100), codec, told);
    for (let n = 0; n < 6; n++) lane.offer({ n, key: 0 });

    expect(lane.drain().map(({ n }) => n)).toEqual([0, 1]);
    await settled();
    expect(told.displacedOnes.map(({ n }) => n)).toEqual([2, 3, 4, 5]);
    expect(lane.size).toBe(0);
  });

  it('keeps the order of what is left when records of several runs are lost at once', async () => {
    const told = host<Note>();
    const spill = memorySpillStore().open('top/a', 100);
    let broken = true;
    const failing = {
      async take(atMost: number) {
        if (!broken) return spill.take(atMost);
        broken = false;
        await spill.take(3);
        mailbox.offer({ n: 7, key: 0 }); // somebody sends meanwhile
        throw new Error('torn');
      },
      push: spill.push.bind(spill),
      close: spill.close.bind(spill),
      get bytes() {
        return spill.bytes;
      },
      get count() {
        return spill.count;
      },
    };
    const lane = new SpillingLane<Note>(2, failing, codec, told);
    const mailbox = new Mailbox<Note>({ capacity: 2, whenFull: 'spill' }, lane);
    mailbox.resume();
    // 2 and 3 are outside, 4 stays in memory, 5 is outside and lost with them, 6 stays.
    for (let n = 0; n < 7; n++) mailbox.offer({ n, key: n === 4 || n === 6 ? 1 : 0 });
    const taken: number[] = [];
    const more = async () => {
      await settled();
      for (let note = mailbox.takeUser(); note !== undefined; note = mailbox.takeUser()) {
        taken.push(note.n);
        await settled();
      }
    };
    taken.push(mailbox.takeUser()?.n ?? -1);
    await more();

    expect(told.lostOnes).toBe(3);
    expect(taken).toEqual([0, 1, 4, 6, 7]);
    expect(mailbox.counts).toEqual({ sent: 8, refused: 0, coalesced: 0, shed: 3, taken: 5 });
  });

  it('says how many are lost when they cannot be read back, and goes on with the rest', async () => {
    const told = host<Note>();
    const spill = memorySpillStore().open('top/a', 100);
    const broken = {
      take: async () => Promise.reject(new Error('gone')),
      push: spill.push.bind(spill),
      close: spill.close.bind(spill),
      bytes: 0,
      count: 0,
    };
    const lane = new SpillingLane<Note>(1, broken, codec, told);
    for (let n = 0; n < 4; n++) lane.offer({ n, key: 0 });
    lane.offer({ n: 4, key: 1 });

    expect(lane.take()?.n).toBe(0);
    await settled();
    expect(told.lostOnes).toBe(3);
    expect(lane.take()?.n).toBe(4);
    expect(lane.size).toBe(0);
  });
});

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
