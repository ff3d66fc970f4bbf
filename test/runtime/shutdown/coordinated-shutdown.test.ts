/** An orderly end: phases in order, tasks of a phase side by side, nobody waited for longer than was said. */
import { describe, expect, it } from 'vitest';
import { memoryClock } from '../../../runtime/adapters/memory/clock.ts';
import { memoryLog } from '../../../runtime/adapters/memory/log.ts';
import { CoordinatedShutdown, SHUTDOWN_PHASES, worker } from '../../../runtime/index.ts';
import { counter } from '../support/counter.ts';
import { startWorld } from '../support/world.ts';

function prepared(phaseMs = {}) {
  const [clock, log] = [memoryClock(), memoryLog()];
  const diary: string[] = [];
  const passed = (ms: number) => new Promise<void>((resolve) => void clock.after(ms, resolve));
  const shutdown = new CoordinatedShutdown({ clock, log, phaseMs });
  const task = (name: string, ms = 0) => ({
    name,
    async run() {
      diary.push(`${name} begins`);
      if (ms > 0) await passed(ms);
      diary.push(`${name} ends`);
    },
  });
  return { clock, log, diary, shutdown, task };
}

describe('a coordinated shutdown', () => {
  it('goes through its phases in order, whatever order their tasks came in, and side by side within one', async () => {
    const { clock, diary, shutdown, task } = prepared();
    shutdown.add('release', task('lock'));
    shutdown.add('drain', task('slow', 20));
    shutdown.add('drain', task('quick', 10));
    shutdown.add('before-stop', task('word'));
    const over = shutdown.run('asked to');
    await clock.advance(100);

    expect(diary).toEqual([
      'word begins',
      'word ends',
      'slow begins',
      'quick begins',
      'quick ends',
      'slow ends',
      'lock begins',
      'lock ends',
    ]);
    const report = await over;
    expect(report).toMatchObject({ why: 'asked to', ms: 20, clean: true });
    expect(report.phases.map(({ phase }) => phase)).toEqual(SHUTDOWN_PHASES);
  });

  it('leaves a late task behind, says so, and goes on', async () => {
    const { clock, log, diary, shutdown, task } = prepared({ drain: 50 });
    shutdown.add('drain', task('endless', 1_000_000));
    shutdown.add('drain', task('quick', 10));
    shutdown.add('flush', task('disk'));
    const over = shutdown.run('asked to');
    await clock.advance(60);
    const report = await over;

    expect(report).toMatchObject({ clean: false, ms: 50 });
    expect(report.phases[2]).toMatchObject({
      late: true,
      tasks: [
        { name: 'endless', outcome: 'late', ms: 50 },
        { name: 'quick', outcome: 'done', ms: 10 },
      ],
    });
    expect(diary).toContain('disk ends');
    expect(log.lines).toMatchObject([
      { level: 'warn', fields: { task: 'endless', limitMs: 50 } },
      { text: 'shut down' },
    ]);
  });

  it('survives a task that fails, at once or later', async () => {
    const { clock, diary, shutdown, task } = prepared();
    const run = () => {
      throw new Error('at once');
    };
    shutdown.add('drain', { name: 'bad', run });
    shutdown.add('drain', { name: 'worse', run: async () => Promise.reject(new Error('later')) });
    shutdown.add('release', task('lock'));
    const over = shutdown.run('asked to');
    await clock.settle();

    expect((await over).phases[2]?.tasks.map(({ error }) => error?.message)).toEqual(['at once', 'later']);
    expect((await over).clean).toBe(false);
    expect(diary).toContain('lock ends');
  });

  it('happens once: whoever calls again gets the same end', async () => {
    const { clock, diary, shutdown, task } = prepared();
    shutdown.add('drain', task('once', 10));
    const [first, second] = [shutdown.run('asked to'), shutdown.run('once more')];
    await clock.advance(10);

    expect(second).toBe(first);
    expect(await second).toMatchObject({ why: 'asked to' });
    expect(diary).toEqual(['once begins', 'once ends']);
  });

  it('takes tasks for phases still to come, and tells who is too late', async () => {
    const { clock, diary, shutdown, task } = prepared();
    const forget = shutdown.add('flush', task('forgotten'));
    forget();
    shutdown.add('stop-intake', {
      name: 'late comer',
      run() {
        shutdown.add('flush', task('added'));
        expect(() => shutdown.add('before-stop', task('never'))).toThrow(/begun already/);
      },
    });
    const over = shutdown.run('asked to');
    await clock.settle();

    expect((await over).clean).toBe(true);
    expect(diary).toEqual(['added begins', 'added ends']);
  });

  it('ends an actor system as one of its tasks', async () => {
    const diary: string[] = [];
    const { system, clock, log } = await startWorld([worker(counter('a', diary))]);
    const shutdown = new CoordinatedShutdown({ clock, log });
    shutdown.add('stop-actors', { name: 'actors', run: (why) => system.stop(why) });
    shutdown.add('flush', { name: 'diary', run: () => void diary.push('flushed') });
    const over = shutdown.run('the lamp is out');
    await clock.settle();

    expect((await over).clean).toBe(true);
    expect(diary).toEqual(['a starts', 'a ends (shutdown)', 'flushed']);
    expect(await system.done).toEqual({ kind: 'shutdown', why: 'the lamp is out' });
  });
});
