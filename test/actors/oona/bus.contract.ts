/** What every bus promises, whatever carries it. */
import { expect, it } from 'vitest';
import type { BusCounters } from '../../../actors/oona/counters.ts';
import { Undeliverable } from '../../../actors/oona/undeliverable.ts';
import { EsperError } from '../../../contracts/index.ts';
import type { Bus, BusMessage } from '../../../runtime/index.ts';

export interface BusWorld {
  /** Two ends of one bus; they may be the same. */
  readonly one: Bus;
  readonly other: Bus;
  /** Of the node where copies for `other` wait. */
  counters(): BusCounters;
  /** Lets time pass until it holds, or fails. */
  reach(holds: () => boolean): Promise<void>;
  /** Lets at least so many milliseconds pass. */
  pass(ms: number): Promise<void>;
  end(): Promise<void>;
}

/** Copies that may wait for one subscriber on plain topics, in the worlds given to the contract. */
export const LINE = 400;

const said = (n: number) => ({ type: 'said', v: 1, n });
const numberOf = ({ body }: BusMessage) => (body as unknown as { n: number }).n;
const upTo = (count: number) => Array.from({ length: count }, (_, n) => n);

/** Something was said that may not have been heard: whoever waits goes on waiting. */
const notYet = (_said: unknown) => false;

/** A handler that keeps what it hears, and finishes only when it is let. */
function gate() {
  const heard: number[] = [];
  const waiting: (() => void)[] = [];
  let open = false;
  return {
    heard,
    handle: (message: BusMessage) => {
      heard.push(numberOf(message));
      return open ? undefined : new Promise<void>((resolve) => waiting.push(resolve));
    },
    release: () => {
      open = true;
      for (const resolve of waiting) resolve();
    },
  };
}

export function busContract(
  start: () => Promise<BusWorld>,
  { plain, critical }: { plain: string; critical: string },
): void {
  const balanced = ({ published, handled, shed, stale, returned, queued, dead }: BusCounters) =>
    expect(handled + shed + stale + returned + queued + dead).toBe(published);

  it('brings a message to all who subscribed, with its topic, priority and body', async () => {
    const { one, other, reach, end } = await start();
    const heard: BusMessage[] = [];
    other.subscribe(`${plain}.*`, (message) => void heard.push(message));
    other.subscribe(`${plain}.>`, (message) => void heard.push(message));
    other.subscribe(`${plain}.b`, () => {
      throw new Error('never called');
    });
    await reach(() => one.publish(`${plain}.a`, said(7), { priority: 1, id: 'own' }) && heard.length >= 2);

    expect(heard[0]).toEqual({ topic: `${plain}.a`, body: said(7), priority: 1, id: 'own' });
    expect(heard[1]).toEqual(heard[0]);
    await end();
  });

  it.each([
    ['plain', plain],
    ['critical', critical],
  ])('shares among a queue what is %s, each message once', async (_, topic) => {
    const { one, other, reach, end } = await start();
    const first: number[] = [];
    const second: number[] = [];
    other.subscribe(`${topic}.shared`, (message) => void first.push(numberOf(message)), { queue: 'crew' });
    one.subscribe(`${topic}.shared`, (message) => void second.push(numberOf(message)), { queue: 'crew' });
    await reach(() => {
      one.publish(`${topic}.shared`, said(-1));
      return first.includes(-1) && second.includes(-1);
    });
    for (const n of upTo(100)) one.publish(`${topic}.shared`, said(n));
    await reach(() => first.concat(second).filter((n) => n >= 0).length >= 100);

    expect(
      first
        .concat(second)
        .filter((n) => n >= 0)
        .sort((a, b) => a - b),
    ).toEqual(upTo(100));
    await end();
  });

  it.each([
    ['plain', plain],
    ['critical', critical],
  ])('keeps the order of one publisher within a priority when %s', async (_, topic) => {
    const { one, other, reach, end } = await start();
    const heard: number[] = [];
    other.subscribe(`${topic}.order`, (message) => void heard.push(numberOf(message)), { queue: 'reader' });
    await reach(() => one.publish(`${topic}.order`, said(-1)) && heard.length > 0);
    for (const n of upTo(300)) one.publish(`${topic}.order`, said(n));
    await reach(() => heard.filter((n) => n >= 0).length === 300);

    expect(heard.filter((n) => n >= 0)).toEqual(upTo(300));
    await end();
  });

  it.each([
    ['plain', plain],
    ['critical', critical],
  ])(
    'tries again when a handler throws, now or later, and tells when the message died: %s',
    async (_, topic) => {
      const { one, other, counters, reach, end } = await start();
      const tried: number[] = [];
      const died: unknown[] = [];
      other.subscribe('system.messages.died', ({ body }) => void died.push(body), { queue: 'mourner' });
      other.subscribe(
        `${topic}.broken`,
        (message) => {
          tried.push(numberOf(message));
          if (numberOf(message) === 1) throw new Error('broken');
          return Promise.reject(new Error('broken later'));
        },
        { queue: 'reader' },
      );
      await reach(() => tried.length > 0 || notYet(one.publish(`${topic}.broken`, said(1))));
      one.publish(`${topic}.broken`, said(2));
      const hasDied = (n: number) => JSON.stringify(died).includes(JSON.stringify(said(n)));
      await reach(() => hasDied(1) && hasDied(2));

      expect(tried.filter((n) => n === 2)).toHaveLength(3);
      expect(died).toContainEqual(
        expect.objectContaining({ topic: `${topic}.broken`, body: said(1), reason: 'UNEXPECTED: broken' }),
      );
      balanced(counters());
      await end();
    },
  );

  it('does not try again what cannot be delivered', async () => {
    const { one, other, counters, reach, end } = await start();
    let tries = 0;
    other.subscribe(
      `${critical}.hopeless`,
      async () => {
        tries++;
        throw new Undeliverable('hopeless');
      },
      { queue: 'reader' },
    );
    await reach(() => tries > 0 || notYet(one.publish(`${critical}.hopeless`, said(1), { id: 'poor' })));
    await reach(() => counters().dead > 0);

    expect(counters()).toMatchObject({ dead: tries, queued: 0 });
    await end();
  });

  it('asks whoever responds, and tells apart nobody, silence and a no', async () => {
    const { one, other, reach, end } = await start();
    other.respond(`${plain}.ask.twice`, (question) => said(2 * numberOf(question)));
    other.respond(`${plain}.ask.never`, () => new Promise(() => {}));
    other.respond(`${plain}.ask.no`, () => {
      throw new EsperError('TEST_NO', 'no');
    });
    const codes: Record<string, string> = {};
    let answer: unknown = null;
    const ask = (what: string, withinMs = 10_000) =>
      one.request(`${plain}.ask.${what}`, said(21), { withinMs }).then(
        (body) => {
          answer = body;
        },
        (error: EsperError) => {
          codes[what] = error.code;
        },
      );
    await reach(() => answer !== null || notYet(void ask('twice')));
    void ask('never', 200);
    for (const what of ['no', 'nobody']) void ask(what);
    await reach(() => ['never', 'no', 'nobody'].every((what) => codes[what] !== undefined));

    expect(answer).toEqual(said(42));
    expect(codes).toMatchObject({ never: 'OONA_SILENT', no: 'TEST_NO', nobody: 'OONA_NOBODY' });
    await end();
  });

  it('lets no flood of background delay an emergency, and no flood of urgency starve the background', async () => {
    const { one, other, counters, reach, end } = await start();
    const { heard, handle, release } = gate();
    other.subscribe(`${plain}.flood`, handle);
    await reach(() => heard.length > 0 || notYet(one.publish(`${plain}.flood`, said(-1))));
    const before = counters().published;
    for (const n of upTo(150)) one.publish(`${plain}.flood`, said(n), 4);
    for (const n of upTo(150)) one.publish(`${plain}.flood`, said(1_000 + n), 1);
    one.publish(`${plain}.flood`, said(9_999), 0);
    await reach(() => counters().published >= before + 301);
    release();
    await reach(() => heard.filter((n) => n >= 0).length === 301);

    // A thread may hold some that came before.
    expect(heard.indexOf(9_999)).toBeLessThan(40);
    const lastUrgent = heard.findLastIndex((n) => n >= 1_000);
    expect(heard.slice(0, lastUrgent).filter((n) => n >= 0 && n < 150).length).toBeGreaterThan(5);
    await end();
  });

  it('bounds the line of a subscriber and counts every copy', async () => {
    const { one, other, counters, reach, end } = await start();
    const { heard, handle, release } = gate();
    other.subscribe(`${plain}.line`, handle);
    await reach(() => heard.length > 0 || notYet(one.publish(`${plain}.line`, said(-1))));
    const before = counters().published;
    for (const n of upTo(2 * LINE)) one.publish(`${plain}.line`, said(n), 3);
    await reach(() => counters().published >= before + 2 * LINE);

    expect(counters().queued).toBeLessThanOrEqual(LINE);
    expect(counters().shed).toBeGreaterThanOrEqual(LINE);
    balanced(counters());
    release();
    await reach(() => counters().queued === 0);
    balanced(counters());
    expect(heard).toHaveLength(counters().handled);
    await end();
  });

  it('does not deliver what nobody wants any more, and counts it', async () => {
    const { one, other, counters, reach, pass, end } = await start();
    const { heard, handle, release } = gate();
    other.subscribe(`${plain}.fresh`, handle);
    await reach(() => heard.length > 0 || notYet(one.publish(`${plain}.fresh`, said(-1))));
    const before = counters().published;
    for (const n of upTo(50)) one.publish(`${plain}.fresh`, said(n), { withinMs: 100 });
    await reach(() => counters().published >= before + 50);
    await pass(150);
    one.publish(`${plain}.fresh`, said(777));
    release();
    await reach(() => heard.includes(777));

    // A thread may hold some already.
    expect(counters().stale).toBeGreaterThanOrEqual(50 - 32);
    expect(heard.filter((n) => n >= 0 && n < 50)).toHaveLength(50 - counters().stale);
    balanced(counters());
    await end();
  });

  it('hears nothing any more after leaving', async () => {
    const { one, other, reach, end } = await start();
    const gone: number[] = [];
    const stays: number[] = [];
    const leave = other.subscribe(`${plain}.leave`, (message) => void gone.push(numberOf(message)));
    other.subscribe(`${plain}.leave`, (message) => void stays.push(numberOf(message)));
    await reach(() => gone.length > 0 || notYet(one.publish(`${plain}.leave`, said(-1))));
    leave();
    leave();
    await reach(() => stays.includes(1) || notYet(one.publish(`${plain}.leave`, said(1))));
    one.publish(`${plain}.leave`, said(2));
    await reach(() => stays.includes(2));

    expect(gone).not.toContain(2);
    await end();
  });

  it('refuses what is too large, and topics that are none', async () => {
    const { one, other, end } = await start();
    const large = { type: 'said', v: 1, text: 'x'.repeat(9 * 2 ** 20) };
    const codeOf = (work: () => unknown) => {
      try {
        work();
        return null;
      } catch (thrown) {
        return (thrown as EsperError).code;
      }
    };

    for (const topic of [plain, critical])
      expect(codeOf(() => one.publish(`${topic}.large`, large))).toBe('OONA_TOO_LARGE');
    for (const topic of ['', 'a..b', 'a.*', 'a b', 'a.>', 'x'.repeat(300)])
      expect(codeOf(() => one.publish(topic, said(1)))).toBe('OONA_BAD_TOPIC');
    for (const pattern of ['', 'a..b', '>.a', 'a b'])
      expect(codeOf(() => other.subscribe(pattern, () => undefined))).toBe('OONA_BAD_TOPIC');
    await end();
  });
}
