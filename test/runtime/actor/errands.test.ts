/** Jobs and timers: each ends as one message to the actor that began it, or is never heard of again. */
import { describe, expect, it } from 'vitest';
import { type ActorDefinition, accept, worker } from '../../../runtime/index.ts';
import { deferred } from '../support/deferred.ts';
import { startWorld } from '../support/world.ts';

type Said =
  | { readonly type: 'begin' }
  | { readonly type: 'remind'; readonly afterMs: number }
  | { readonly type: 'done'; readonly what: string }
  | { readonly type: 'crash' };

function clerk(diary: string[], work: (signal: AbortSignal) => Promise<string>): ActorDefinition<null, Said> {
  return {
    name: 'clerk',
    fresh: () => null,
    decide: {
      begin: (_state, _message, cx) => {
        cx.job('work', async (signal) => ({ type: 'done', what: await work(signal) }));
        return accept();
      },
      remind: (_state, { afterMs }, cx) => {
        cx.after(afterMs, { type: 'done', what: `after ${afterMs}` });
        return accept();
      },
      done: (_state, { what }, cx) => {
        diary.push(`${what} #${cx.incarnation}`);
        return accept();
      },
      crash: () => {
        throw new Error('the clerk fell');
      },
    },
  };
}

describe('a job', () => {
  it('ends as exactly one message', async () => {
    const diary: string[] = [];
    const { system, clock } = await startWorld([worker(clerk(diary, async () => 'sum'))]);
    system.ref<Said>('top/clerk').send({ type: 'begin' });
    await clock.settle();

    expect(diary).toEqual(['sum #1']);
  });

  it('is aborted by a restart and never heard of again', async () => {
    const diary: string[] = [];
    const { promise, resolve } = deferred<string>();
    let aborted = false;
    const work = (signal: AbortSignal) => {
      signal.addEventListener('abort', () => {
        aborted = true;
      });
      return promise;
    };
    const { system, clock } = await startWorld([worker(clerk(diary, work))]);
    system.ref<Said>('top/clerk').send({ type: 'begin' });
    await clock.settle();
    system.ref<Said>('top/clerk').send({ type: 'crash' });
    await clock.settle();
    resolve('stale');
    await clock.settle();

    expect(aborted).toBe(true);
    expect(diary).toEqual([]);
  });

  it('that throws crashes its actor', async () => {
    const failing = async (): Promise<string> => {
      throw new Error('out of paper');
    };
    const { system, clock, log } = await startWorld([worker(clerk([], failing))]);
    system.ref<Said>('top/clerk').send({ type: 'begin' });
    await clock.settle();

    expect(system.ref('top/clerk').incarnation).toBe(2);
    expect(log.lines).toContainEqual(
      expect.objectContaining({
        text: 'a child crashed',
        fields: expect.objectContaining({ error: expect.objectContaining({ message: 'out of paper' }) }),
      }),
    );
  });
});

describe('a timer', () => {
  it('is a message at its time', async () => {
    const diary: string[] = [];
    const { system, clock } = await startWorld([worker(clerk(diary, async () => ''))]);
    system.ref<Said>('top/clerk').send({ type: 'remind', afterMs: 30 });
    await clock.advance(29);
    expect(diary).toEqual([]);
    await clock.advance(1);

    expect(diary).toEqual(['after 30 #1']);
  });

  it('of an earlier life never rings', async () => {
    const diary: string[] = [];
    const { system, clock } = await startWorld([worker(clerk(diary, async () => ''))]);
    system.ref<Said>('top/clerk').send({ type: 'remind', afterMs: 30 });
    system.ref<Said>('top/clerk').send({ type: 'crash' });
    await clock.advance(100);

    expect(diary).toEqual([]);
    expect(clock.armed).toBe(0);
  });

  it('stops with the system', async () => {
    const { system, clock } = await startWorld([worker(clerk([], async () => ''))]);
    system.ref<Said>('top/clerk').send({ type: 'remind', afterMs: 30 });
    await clock.settle();
    await system.stop();

    expect(clock.armed).toBe(0);
  });
});
