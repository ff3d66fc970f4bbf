/** How long anybody is waited for on the way of a command: less than those who asked, never for ever, never for nothing. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Deadline, hopMs } from '../../../actors/admin/deadline.ts';
import { ADMIN_VERBS, type AdminVerb, withinOf } from '../../../contracts/index.ts';
import { memoryClock } from '../../../runtime/adapters/memory/clock.ts';
import { claims, node, type Office, office, signed, type TestRole } from './fixtures.ts';

describe('a hop', () => {
  it('waits a second to ten minutes, and less than whoever asked for it where there is room', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 3_600_000, noNaN: true }), (leftMs) => {
        const ms = hopMs(leftMs);
        expect(ms).toBeGreaterThanOrEqual(1_000);
        expect(ms).toBeLessThanOrEqual(600_000);
        if (leftMs > 1_200) expect(ms).toBeLessThan(leftMs);
        if (leftMs > 2_000 && leftMs < 600_000) expect(leftMs - ms).toBeLessThanOrEqual(1_000);
      }),
    );
  });
});

describe('a deadline', () => {
  it('counts from when the command came in, whatever was waited for since', async () => {
    const clock = memoryClock();
    const deadline = new Deadline(clock, clock.nowMs(), 60_000);
    expect(deadline.hopMs()).toBe(59_000);
    expect(deadline.hopMs(30_000)).toBe(29_000);
    await clock.advance(50_000);

    expect(deadline.leftMs).toBe(10_000);
    expect(deadline.hopMs()).toBe(9_000);
    expect(deadline.glanceMs).toBe(2_500);
    expect([deadline.within(5), deadline.within(30)]).toEqual([5_000, 9_000]);
    await clock.advance(50_000);
    expect([deadline.leftMs, deadline.hopMs(), deadline.glanceMs]).toEqual([0, 1_000, 1_000]);
  });

  it('is ten minutes away at most', () => {
    expect(new Deadline(memoryClock(), 0, 3_600_000).leftMs).toBe(600_000);
  });
});

/** What the handler of a command has left to answer in. */
async function leftFor(
  at: Office,
  [role, verb, args, more]: readonly [TestRole, AdminVerb, Record<string, unknown>, object?],
): Promise<number> {
  let leftMs = -1;
  const note = async (_: unknown, { deadline }: { deadline: Deadline }) => {
    ({ leftMs } = deadline);
    return { done: 'noted', details: {} };
  };
  const handlers = { 'run-checkpoint': note, 'node-drain': note };
  const n1 = await node(at, 'n1', { handlers, whyNot: () => '', epochOf: async () => null });
  await n1.send(`esper.admin.v1.${verb}`, await signed(at, role, claims(at, verb, args, more ?? {})));
  return leftMs;
}

describe('a command', () => {
  it('has as long as its caller says, who signs that too', async () => {
    const at = await office();
    expect(await leftFor(at, ['operator', 'run-checkpoint', {}, { waitMs: 120_000 }])).toBe(120_000);
    const n1 = await node(at, 'n1');
    const stretched = claims(at, 'actors-restart', { unit: 'karn' }, { waitMs: 0 });
    await expect(
      n1.send('esper.admin.v1.actors-restart', await signed(at, 'operator', stretched)),
    ).rejects.toMatchObject({ code: 'ADMIN_DENIED' });
  });

  it('has ten seconds where nobody says, and what it asks for itself besides', async () => {
    const at = await office();

    expect(await leftFor(at, ['operator', 'run-checkpoint', {}])).toBe(10_000);
    expect(await leftFor(at, ['operator', 'node-drain', { node: 'n2' }])).toBe(40_000);
    expect(await leftFor(at, ['operator', 'node-drain', { node: 'n2', within: 5 }])).toBe(15_000);
  });

  it('waits for what it asks to be done only where that can take its time', () => {
    for (const verb of Object.keys(ADMIN_VERBS) as AdminVerb[]) {
      const waits = 'within' in ADMIN_VERBS[verb].args.properties;
      expect([withinOf(verb, {}), withinOf(verb, { within: 7 })]).toEqual(waits ? [30, 7] : [0, 0]);
    }
  });
});
