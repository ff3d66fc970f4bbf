import { describe, expect, it } from 'vitest';
import { accept, defineActor, type Priority, type TraceContext, worker } from '../../../runtime/index.ts';
import { meanwhile, nodes } from './nodes.ts';

type Said = { readonly type: 'say'; readonly word: string };

const TRACE: TraceContext = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), sampled: true };

/** Writes down each word with the trace it came with; the first one keeps it busy for 50 ms. */
async function scribe() {
  const world = nodes();
  const words: string[] = [];
  const traces: (TraceContext | null)[] = [];
  const actor = defineActor<null, Said>({
    name: 'scribe',
    mailbox: { capacity: 100, whenFull: 'refuse', priorities: { ageMs: 1_000 } },
    fresh: () => null,
    decide: {
      say: (_state, { word }, cx) => {
        words.push(word);
        traces.push(cx.trace);
        if (word !== 'wait') return accept(word);
        return new Promise((resolve) => world.clock.after(50, () => resolve(accept(word))));
      },
    },
  });
  await world.start('b', [worker(actor)]);
  const a = await world.start('a', []);
  await world.clock.advance(1_000);
  return { ...world, words, traces, ref: a.system.ref<Said>('//b/esper/scribe') };
}

describe('a letter to another node', () => {
  it('takes the trace of its sender along, told and asked', async () => {
    const { clock, ref, traces } = await scribe();
    ref.send({ type: 'say', word: 'told' }, { trace: TRACE });
    ref.send({ type: 'say', word: 'bare' });
    await meanwhile(clock, ref.ask({ type: 'say', word: 'asked' }, { withinMs: 1_000, trace: TRACE }));
    expect(traces).toEqual([TRACE, null, TRACE]);
  });

  it('overtakes there what is less urgent', async () => {
    const { clock, ref, words } = await scribe();
    const say = (word: string, priority: Priority) => ref.send({ type: 'say', word }, { priority });
    say('wait', 2);
    await clock.advance(10);
    say('background', 4);
    say('normal', 2);
    say('emergency', 0);
    await clock.advance(500);
    expect(words).toEqual(['wait', 'emergency', 'normal', 'background']);
  });
});
