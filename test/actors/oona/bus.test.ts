import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BusCore } from '../../../actors/oona/bus.ts';
import type { Copy } from '../../../actors/oona/lanes.ts';
import { oonaOptions } from '../../../actors/oona/options.ts';

let ids = 0;
const said = (topic: string, priority = 2) => ({
  topic,
  priority,
  id: `m-${ids++}`,
  body: { type: topic, v: 1 },
});
const small = { ...oonaOptions, queueLimits: [], defaultLimit: 2 };

/** Takes everything that waits for one subscriber, settling each as handled. */
function drain(core: BusCore, subscriber: number, nowMs = 0): readonly number[] {
  const priorities: number[] = [];
  for (let copy = core.take(subscriber, nowMs); copy; copy = core.take(subscriber, nowMs)) {
    priorities.push(copy.message.priority);
    core.succeeded(copy);
  }
  return priorities;
}

describe('the bus core', () => {
  it('serves the urgent first and equals in order', () => {
    const core = new BusCore(oonaOptions);
    const subscriber = core.subscribe('t');
    for (const priority of [4, 2, 0, 3, 1, 2]) core.publish(said('t', priority), 0);

    expect(drain(core, subscriber)).toEqual([0, 1, 2, 2, 3, 4]);
  });

  it('raises what waited five minutes by one priority, and never to an emergency', () => {
    const core = new BusCore(oonaOptions);
    const subscriber = core.subscribe('t');
    core.publish(said('t', 3), 0);
    core.publish(said('t', 2), 299_999);
    const first = core.take(subscriber, 299_999);
    expect(first?.message.priority).toBe(2);

    core.publish(said('t', 2), 300_000);
    core.publish(said('t', 1), 300_000);
    expect(drain(core, subscriber, 300_000)).toEqual([1, 2, 3]);

    core.publish(said('t', 4), 0);
    core.publish(said('t', 0), 9_000_000);
    expect(drain(core, subscriber, 9_000_000)).toEqual([0, 4]);
  });

  it('sheds the least important when a line is full', () => {
    const core = new BusCore(small);
    const subscriber = core.subscribe('t');
    core.publish(said('t', 3), 0);
    core.publish(said('t', 4), 0);

    expect(core.publish(said('t', 1), 0).shed).toBe(false);
    expect(core.publish(said('t', 4), 0).shed).toBe(true);
    expect(drain(core, subscriber)).toEqual([1, 3]);
    expect(core.counters().shedByPriority).toEqual([0, 0, 0, 0, 2]);
  });

  it('never sheds an emergency, even beyond the limit', () => {
    const core = new BusCore(small);
    const subscriber = core.subscribe('t');
    for (let i = 0; i < 5; i++) expect(core.publish(said('t', 0), 0).shed).toBe(false);

    expect(drain(core, subscriber)).toHaveLength(5);
    expect(core.counters().shed).toBe(0);
  });

  it('buries a copy after its last try, and tells how long to wait before each other one', () => {
    const core = new BusCore(oonaOptions);
    const subscriber = core.subscribe('t');
    core.publish(said('t'), 0);
    const waits: unknown[] = [];
    for (let copy = core.take(subscriber, 0); copy; copy = core.take(subscriber, 0)) {
      const outcome = core.failed(copy, 'broken');
      waits.push(outcome);
      core.again(copy, 0);
    }

    expect(waits).toEqual([100, 200, expect.objectContaining({ reason: 'broken', tries: 3 })]);
    expect(core.deadLetters()).toHaveLength(1);
    expect(core.counters()).toMatchObject({ published: 1, handled: 0, queued: 0, dead: 1 });
  });

  it('has patience with what a broker keeps while its handler cannot be reached, and none with what is wrong', () => {
    const core = new BusCore(oonaOptions);
    const subscriber = core.subscribe('t');
    const origin = { done: () => undefined, back: () => undefined, died: () => undefined };
    core.offer(subscriber, said('t'), 0, { origin });
    const waits: number[] = [];
    let away = core.take(subscriber, 0);
    for (let tries = 0; away && tries < 20; tries++) {
      waits.push(core.failed(away, 'NODE_DOWN: n2', 'away') as number);
      core.again(away, 0);
      away = core.take(subscriber, 0);
    }
    expect(waits.slice(0, 7)).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000]);
    expect(waits.at(-1)).toBe(5_000);

    expect(core.failed(away as NonNullable<typeof away>, 'broken')).toMatchObject({ reason: 'broken' });
  });

  it('gives each subscription the limit of the first rule that fits', () => {
    const core = new BusCore({ ...oonaOptions, queueLimits: [{ pattern: 'a.>', limit: 1 }] });
    core.subscribe('a.b');
    core.publish(said('a.b'), 0);

    expect(core.publish(said('a.b'), 0).shed).toBe(true);
  });

  it('counts what nobody hears apart', () => {
    const core = new BusCore(oonaOptions);
    core.subscribe('a');

    expect(core.publish(said('b'), 0)).toEqual({ to: [], shed: false });
    expect(core.counters()).toMatchObject({ published: 0, unheard: 1 });
  });

  it('adds up, whatever happens in whatever order', () => {
    type Step =
      | { kind: 'publish'; priority: number; topic: string }
      | { kind: 'take'; who: number }
      | { kind: 'leave'; who: number }
      | { kind: 'settle'; well: boolean; which: number }
      | { kind: 'join'; pattern: string }
      | { kind: 'wait'; ms: number };
    const step: fc.Arbitrary<Step> = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({
          kind: fc.constant('publish' as const),
          priority: fc.nat(4),
          topic: fc.constantFrom('a.b', 'a.c', 'd'),
        }),
      },
      { weight: 4, arbitrary: fc.record({ kind: fc.constant('take' as const), who: fc.nat(3) }) },
      {
        weight: 4,
        arbitrary: fc.record({ kind: fc.constant('settle' as const), well: fc.boolean(), which: fc.nat(5) }),
      },
      fc.record({ kind: fc.constant('join' as const), pattern: fc.constantFrom('a.*', '>', 'd') }),
      fc.record({ kind: fc.constant('leave' as const), who: fc.nat(3) }),
      fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(400_000) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const core = new BusCore({ ...small, deadLettersKept: 2 });
        const members = [core.subscribe('a.*'), core.subscribe('>')];
        const taken: Copy[] = [];
        let now = 0;
        for (const s of steps) {
          const dead = core.counters().dead;
          if (s.kind === 'publish') core.publish(said(s.topic, s.priority), now);
          else if (s.kind === 'join') members.push(core.subscribe(s.pattern));
          else if (s.kind === 'wait') now += s.ms;
          else if (s.kind === 'leave') core.unsubscribe(members[s.who] ?? 0);
          else if (s.kind === 'take') {
            const copy = core.take(members[s.who] ?? 0, now);
            if (copy) taken.push(copy);
          } else {
            const [copy] = taken.splice(s.which, 1);
            if (copy && s.well) core.succeeded(copy);
            else if (copy && typeof core.failed(copy, 'no') === 'number') core.again(copy, now);
          }
          const c = core.counters();
          expect(c.handled + c.shed + c.queued + c.dead).toBe(c.published);
          expect(c.shedByPriority[0]).toBe(0);
          expect(c.dead).toBeGreaterThanOrEqual(dead);
          expect(core.deadLetters().length).toBe(Math.min(2, c.dead));
        }
      }),
    );
  });
});
