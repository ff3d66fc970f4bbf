import { describe, expect, it } from 'vitest';
import { tamiyo } from '../../../actors/tamiyo/actor.ts';
import { newMemory } from '../../../actors/tamiyo/behaviour.ts';
import type { TamiyoMessage } from '../../../actors/triad.ts';
import type { AdaptationDecision } from '../../../contracts/index.ts';
import { randomStream } from '../../../contracts/index.ts';
import type { CandidateDraw } from '../../../nn/types.ts';
import { worker } from '../../../runtime/index.ts';
import { startWorld } from '../../runtime/support/world.ts';
import { entry, growth, packet } from '../fixtures.ts';

const catalogue = [entry('w1', 1), entry('widen2', 2)];
const random = randomStream(1).save();
const stalled = { ...newMemory(random), stabilised: true, losses: [0.6, 0.55, 0.52, 0.5, 0.5, 0.5] };

async function started(saved: typeof stalled | null = stalled) {
  const args = { growth, catalogue, fits: () => true, random, saved };
  const { system } = await startWorld([worker(tamiyo, { args })]);
  const call = <R>(message: TamiyoMessage) =>
    system.ref<TamiyoMessage>('top/tamiyo').callNow<R>(message) as R;
  return { call, memory: () => call<typeof stalled>({ type: 'tamiyo.save' }) };
}

describe('Tamiyo as an actor', () => {
  it('begins with what a checkpoint held, or with a fresh memory of its own stream', async () => {
    expect((await started()).memory()).toEqual(stalled);
    expect((await started(null)).memory()).toEqual(newMemory(random));
  });

  it('asks for scores without remembering that it asked, and remembers what it decided', async () => {
    const { call, memory } = await started();
    const draws = call<CandidateDraw[]>({ type: 'tamiyo.candidates', packet: packet() });
    expect(draws.length).toBeGreaterThan(0);
    expect(memory()).toEqual(stalled);
    const scores = draws.map((_, i) => ({ score: i + 1, parameters: 10 }));
    const decisions = call<AdaptationDecision[]>({ type: 'tamiyo.decide', packet: packet(), draws, scores });

    expect(decisions.map(({ type, decisionId }) => [type, decisionId])).toEqual([['GERMINATE', 'd1']]);
    expect(memory()).toMatchObject({ decisions: 1, lastGermination: 10 });
  });

  it('never asks for a quarantined blueprint again', async () => {
    const { call, memory } = await started();
    call({ type: 'tamiyo.quarantine', blueprintIds: ['w1'] });
    call({ type: 'tamiyo.quarantine', blueprintIds: ['w1', 'widen2'] });

    expect(memory().quarantined).toEqual(['w1', 'widen2']);
    expect(call({ type: 'tamiyo.candidates', packet: packet() })).toEqual([]);
  });

  it('crashes when a fault plan says so, at its next decision and only there', async () => {
    const { call } = await started();
    call({ type: 'tamiyo.fail_next' });
    expect(call<CandidateDraw[]>({ type: 'tamiyo.candidates', packet: packet() })).not.toEqual([]);
    const decide = { type: 'tamiyo.decide', packet: packet(), draws: [], scores: [] } as const;

    expect(() => call(decide)).toThrow(expect.objectContaining({ code: 'ACTOR_CRASHED' }));
    expect(call(decide)).toEqual([]);
  });
});
