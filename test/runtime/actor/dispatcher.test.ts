import { describe, expect, it } from 'vitest';
import { Dispatcher, type Runnable } from '../../../runtime/actor/dispatcher.ts';

/** A process whose time passes only while messages are handled, and how long its event loop stood still. */
function loop() {
  const soon: (() => void)[] = [];
  let [nowMs, looks, roundMs, worstMs] = [0, 0, 0, 0];
  const clock = {
    nowMs: () => {
      looks++;
      return nowMs;
    },
    wallMs: () => 0,
    after: () => () => {},
    soon: (fire: () => void) => void soon.push(fire),
  };
  return {
    dispatcher: new Dispatcher(clock),
    pass: (ms: number) => {
      nowMs += ms;
    },
    /** Promises first, then what was asked for the next round, as an event loop does. */
    async round(): Promise<void> {
      await new Promise((resolve) => setImmediate(resolve));
      worstMs = Math.max(worstMs, nowMs - roundMs);
      roundMs = nowMs;
      for (const fire of soon.splice(0)) fire();
    },
    looks: () => looks,
    /** Milliseconds of the longest round since it was last asked. */
    worstMs: () => {
      const worst = worstMs;
      worstMs = 0;
      return worst;
    },
  };
}

/** Sends itself `messages`, each of which takes `costMs`; awaits after each one if `awaits`. */
function selfTeller(dispatcher: Dispatcher, pass: (ms: number) => void, messages: number, awaits: boolean) {
  let left = messages;
  const runnable: Runnable & { costMs: number } = {
    costMs: 1,
    run(budget) {
      let handled = 0;
      while (left > 0 && handled < (awaits ? 1 : budget)) {
        left--;
        handled++;
        pass(runnable.costMs);
      }
      if (left > 0 && awaits) void Promise.resolve().then(() => dispatcher.enlist(runnable));
      else if (left > 0) dispatcher.enlist(runnable);
      return handled;
    },
  };
  return { runnable, left: () => left };
}

describe('a lone actor that tells itself more', () => {
  it.each([
    ['in its handlers', false],
    ['after an await in each', true],
  ])('lets the event loop go round every few milliseconds however slow it is, %s', async (_, awaits) => {
    const { dispatcher, pass, round, worstMs } = loop();
    const { runnable, left } = selfTeller(dispatcher, pass, 2_000, awaits);
    dispatcher.enlist(runnable);
    for (let rounds = 0; rounds < 4; rounds++) await round();
    expect(worstMs()).toBeLessThan(50);
    while (left() > 0) await round();
    expect(worstMs()).toBeLessThanOrEqual(10);
  });

  it('learns at once when its messages become slow', async () => {
    const { dispatcher, pass, round, worstMs } = loop();
    const { runnable, left } = selfTeller(dispatcher, pass, 70_000, false);
    runnable.costMs = 0.0001;
    dispatcher.enlist(runnable);
    while (left() > 10_000) await round();
    runnable.costMs = 1;
    for (let rounds = 0; rounds < 3; rounds++) await round();
    worstMs();
    while (left() > 0) await round();
    expect(worstMs()).toBeLessThanOrEqual(10);
  });

  it('does not look at the clock more than once in a hundred messages while they are quick', async () => {
    const { dispatcher, pass, round, looks } = loop();
    const { runnable, left } = selfTeller(dispatcher, pass, 100_000, false);
    runnable.costMs = 0.0001;
    dispatcher.enlist(runnable);
    while (left() > 0) await round();
    expect(looks()).toBeLessThan(1_000);
  });
});

describe('an actor that seldom has mail', () => {
  it('handles it before the event loop goes round, whatever time has passed since the last', async () => {
    const { dispatcher, pass, round } = loop();
    let handled = 0;
    const runnable: Runnable = {
      run: () => {
        handled++;
        return 1;
      },
    };
    for (let n = 1; n <= 100; n++) {
      pass(50);
      dispatcher.enlist(runnable);
      await Promise.resolve();
      expect(handled).toBe(n);
      await round();
    }
  });
});
