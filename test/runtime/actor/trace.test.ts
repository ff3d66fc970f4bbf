/** One conversation, one trace: through tells, asks, waits, timers and jobs, and never into another's. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../contracts/random-stream.ts';
import { memoryTracing } from '../../../runtime/adapters/memory/tracing.ts';
import {
  type ActorDefinition,
  accept,
  formatTraceparent,
  parseTraceparent,
  startSystem,
  supervisor,
  type TraceContext,
  worker,
} from '../../../runtime/index.ts';
import { startWorld, worldPorts } from '../support/world.ts';

type Hop = { readonly type: 'hop'; readonly how: How } | { readonly type: 'end' };
type How = 'tell' | 'ask' | 'callNow' | 'after' | 'job' | 'self';

const trace: TraceContext = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), sampled: true };
const soon = { withinMs: 1_000 };

/** Passes the word on to `next`, waiting a little first. */
function hopper(name: string, next: string, heard: (TraceContext | null)[]): ActorDefinition<null, Hop> {
  return {
    name,
    fresh: () => null,
    decide: {
      hop: async (_state, { how }, cx) => {
        await Promise.resolve();
        const to = cx.ref<Hop>(next);
        const end = { type: 'end' } as const;
        if (how === 'tell') to.send(end);
        else if (how === 'ask') await to.ask(end, soon);
        else if (how === 'callNow') to.callNow(end);
        else if (how === 'after') cx.after(10, end);
        else if (how === 'job') cx.job('later', async () => end);
        return accept();
      },
      end: (_state, _message, cx) => {
        heard.push(cx.trace);
        return accept();
      },
    },
  };
}

describe('a trace', () => {
  it.each<How>(['tell', 'ask', 'callNow', 'after', 'job'])(
    'goes on through %s, although its handler waited',
    async (how) => {
      const heard: (TraceContext | null)[] = [];
      const { system, clock } = await startWorld([
        worker(hopper('a', 'top/b', heard)),
        worker(hopper('b', '', heard)),
      ]);
      system.ref<Hop>('top/a').send({ type: 'hop', how }, { trace });
      await clock.advance(20);
      system.ref<Hop>('top/a').send({ type: 'hop', how });
      await clock.advance(20);

      expect(heard).toEqual([trace, null]);
    },
  );

  it('is not claimed by what a job sends while another message is handled', async () => {
    const heard: (TraceContext | null)[] = [];
    let release = (): void => {};
    const busy: ActorDefinition<null, Hop> = {
      name: 'a',
      fresh: () => null,
      decide: {
        hop: async (_state, _message, cx) => {
          const gate = new Promise<void>((resolve) => {
            release = resolve;
          });
          await gate;
          return accept(cx.trace);
        },
        end: (_state, _message, cx) => {
          const to = cx.ref<Hop>('top/b');
          cx.job('aside', async (signal) => {
            await Promise.resolve();
            await Promise.resolve();
            to.send({ type: 'end' });
            await new Promise((resolve) => signal.addEventListener('abort', resolve));
            return { type: 'end' };
          });
          return accept();
        },
      },
    };
    const { system, clock } = await startWorld([worker(busy), worker(hopper('b', '', heard))]);
    const ref = system.ref<Hop>('top/a');
    ref.send({ type: 'end' });
    const asked = ref.ask({ type: 'hop', how: 'tell' }, { ...soon, trace });
    await clock.settle();
    release();

    expect(heard).toEqual([null]);
    expect(await asked).toBeNull();
  });

  it('is written down span by span when the system is followed', async () => {
    const { clock, ports } = worldPorts();
    const tracing = memoryTracing(clock, randomStream(3));
    const tree = supervisor('top', { strategy: 'one_for_one', intensity: 1, periodMs: 1_000 }, [
      worker(hopper('a', 'top/b', [])),
      worker(hopper('b', '', [])),
    ]);
    const system = await startSystem(tree, { ...ports, tracing });
    await system.ref<Hop>('top/a').ask({ type: 'hop', how: 'ask' }, soon);
    const [first, second] = tracing.spans();

    expect(tracing.spans()).toMatchObject([
      { to: 'top/a', type: 'hop', parentSpanId: null, outcome: 'accepted' },
      { to: 'top/b', type: 'end', parentSpanId: first?.trace.spanId, outcome: 'accepted' },
    ]);
    expect(second?.trace.traceId).toBe(first?.trace.traceId);
    system.ref<Hop>('top/a').send({ type: 'hop', how: 'tell' }, { trace: { ...trace, sampled: false } });
    await clock.settle();
    expect(tracing.spans()).toHaveLength(2);
  });

  it('says how each handling ended', async () => {
    const { clock, ports } = worldPorts();
    const tracing = memoryTracing(clock, randomStream(3), 3);
    const odd: ActorDefinition<null, { type: 'no' | 'fall' | 'keep' }> = {
      name: 'a',
      fresh: () => null,
      decide: {
        no: () => ({ refused: 'NO', details: {} }),
        fall: () => {
          throw new Error('fell');
        },
        keep: (_state, _message, cx) => cx.stash(),
      },
    };
    const tree = supervisor('top', { strategy: 'one_for_one', intensity: 9, periodMs: 1_000 }, [worker(odd)]);
    const system = await startSystem(tree, { ...ports, tracing });
    const ref = system.ref<{ type: 'no' | 'fall' | 'keep' }>('top/a');
    for (const type of ['keep', 'no', 'fall', 'keep'] as const) ref.send({ type });
    await clock.settle();

    expect(tracing.spans().map(({ outcome }) => outcome)).toEqual(['refused', 'crashed', 'stashed']);
  });

  it('has the form the W3C gave it, and reads back what it wrote', () => {
    const id = (digits: number) =>
      fc.stringMatching(new RegExp(`^[0-9a-f]{${digits}}$`)).filter((text) => !/^0+$/.test(text));
    fc.assert(
      fc.property(id(32), id(16), fc.boolean(), (traceId, spanId, sampled) => {
        const written = formatTraceparent({ traceId, spanId, sampled });
        expect(parseTraceparent(written)).toEqual({ traceId, spanId, sampled });
        expect(parseTraceparent(`cc${written.slice(2)}-later`)).toEqual({ traceId, spanId, sampled });
      }),
    );
  });

  it.each([
    '',
    'no',
    `ff-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
    `00-${'0'.repeat(32)}-${'b'.repeat(16)}-01`,
    `00-${'a'.repeat(32)}-${'0'.repeat(16)}-01`,
    `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01-more`,
    `00-${'A'.repeat(32)}-${'b'.repeat(16)}-01`,
  ])('is none when its header is %j', (header) => {
    expect(parseTraceparent(header)).toBeNull();
  });
});
