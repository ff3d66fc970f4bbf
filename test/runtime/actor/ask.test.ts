/** Every ask ends exactly once: with a reply, a refusal, a crash, an absence, or too late. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Deadline, Deadlines } from '../../../runtime/actor/deadlines.ts';
import { memoryClock } from '../../../runtime/adapters/memory/clock.ts';
import { type ActorDefinition, accept, type Message, worker } from '../../../runtime/index.ts';
import { type CounterMessage, counter } from '../support/counter.ts';
import { deferred } from '../support/deferred.ts';
import { startWorld } from '../support/world.ts';

/** Waits until the test lets go. */
function patient(release: Promise<void>): ActorDefinition<null, { type: 'wait' }> {
  return {
    name: 'patient',
    fresh: () => null,
    decide: {
      wait: async () => {
        await release;
        return accept('at last');
      },
    },
  };
}

describe('an ask', () => {
  it('fails with ACTOR_TIMEOUT at its deadline; the late reply is a dead letter', async () => {
    const { promise, resolve } = deferred<void>();
    const { system, clock } = await startWorld([worker(patient(promise))]);
    const asked = system.ref('top/patient').ask({ type: 'wait' }, { withinMs: 50 });
    const outcome = expect(asked).rejects.toMatchObject({ code: 'ACTOR_TIMEOUT', details: { withinMs: 50 } });
    await clock.advance(60);
    await outcome;

    resolve();
    await clock.settle();
    expect(system.deadLetters.recent()).toMatchObject([{ to: 'top/patient', reason: 'late_reply' }]);
  });

  it('fails at once when nobody lives there', async () => {
    const { system } = await startWorld([]);

    await expect(system.ref('top/nobody').ask({ type: 'get' }, { withinMs: 50 })).rejects.toMatchObject({
      code: 'ACTOR_GONE',
    });
    expect(system.deadLetters.recent()).toMatchObject([{ reason: 'gone' }]);
  });

  it('is answered when its actor stops first', async () => {
    const { system, clock } = await startWorld([worker(counter('a'))]);
    const finish = system.ref('top/a').send({ type: 'finish' } as Message);
    const asked = system.ref('top/a').ask({ type: 'get' } as Message, { withinMs: 50 });
    const outcome = expect(asked).rejects.toMatchObject({ code: 'ACTOR_GONE' });
    expect(finish).toBe(true);
    await system.stop();
    await clock.settle();

    await outcome;
  });

  it('leaves no timer behind', async () => {
    const { system, clock } = await startWorld([worker(counter('a'))]);
    await system.ref('top/a').ask({ type: 'get' }, { withinMs: 60_000 });
    await clock.advance(20);

    expect(clock.armed).toBe(0);
  });
});

describe('the deadline wheel', () => {
  it('fires each deadline once, never early, at most one tick late, and never one that was disarmed', async () => {
    const plan = fc.array(fc.tuple(fc.nat(12_000), fc.boolean()), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(plan, fc.integer({ min: 1, max: 500 }), async (deadlines, stepMs) => {
        const clock = memoryClock();
        const wheel = new Deadlines(clock);
        const firedAt = new Map<number, number>();
        class Noted implements Deadline {
          previous: Deadline | null = null;
          next: Deadline | null = null;
          dueTick = 0;
          constructor(readonly n: number) {}
          expire() {
            expect(firedAt.has(this.n)).toBe(false);
            firedAt.set(this.n, clock.nowMs());
          }
        }
        for (const [n, [ms, disarm]] of deadlines.entries()) {
          const deadline = new Noted(n);
          wheel.arm(deadline, ms);
          if (disarm) wheel.disarm(deadline);
        }
        while (clock.armed > 0) await clock.advance(stepMs);
        for (const [n, [ms, disarm]] of deadlines.entries()) {
          const at = firedAt.get(n);
          if (disarm) expect(at).toBeUndefined();
          else {
            expect(at).toBeGreaterThanOrEqual(ms);
            expect(at).toBeLessThanOrEqual(ms + 20);
          }
        }
      }),
      { numRuns: 10 },
    );
  });

  it.each([Number.POSITIVE_INFINITY, Number.NaN])('refuses to wait %s milliseconds', async (withinMs) => {
    const { system } = await startWorld([worker(counter('a'))]);
    const asked = system.ref<CounterMessage>('top/a').ask({ type: 'get' }, { withinMs });

    await expect(asked).rejects.toMatchObject({ code: 'ACTOR_NO_DEADLINE' });
    await system.stop();
  });
});
