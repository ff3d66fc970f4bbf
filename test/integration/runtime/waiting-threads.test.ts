/** Threads that are begun before their work is known: called once, with everything that was sent to them meanwhile. */
import { afterAll, describe, expect, it } from 'vitest';
import { memoryLog } from '../../../runtime/adapters/memory/log.ts';
import { nodeClock } from '../../../runtime/adapters/node/clock.ts';
import { startHost } from '../../../runtime/host/host.ts';
import type { Threads } from '../../../runtime/ports/threads.ts';

const built = (path: string) => new URL(`../../../dist/${path}`, import.meta.url);
const { beginThread } = (await import(built('runtime/adapters/node/waiting-threads.js').href)) as {
  beginThread: (entry: URL, ahead: readonly URL[]) => void;
};
const { nodeThreads } = (await import(built('runtime/adapters/node/threads.js').href)) as {
  nodeThreads: () => Threads;
};

const entry = built('config/hosts/training-entry.js');
const started: { terminate(): Promise<void> }[] = [];
const start = (name: string) => {
  const host = startHost({
    ...{ name, entry, threads: nodeThreads(), clock: nodeClock(), log: memoryLog() },
    data: { logFile: '/dev/null' },
  });
  started.push(host);
  return host;
};
afterAll(() => Promise.all(started.map((host) => host.terminate())));

const codeOf = (asked: Promise<unknown>) => asked.catch((error: { code: string }) => error.code);

describe('a thread that waits', () => {
  it('hears what was sent before it began its work, and works once: the next one is fresh', async () => {
    beginThread(entry, [built('config/hosts/data-ahead.js')]);
    const [called, fresh] = [start('called'), start('fresh')];

    // a host that trains nothing refuses to stand still: the answer is the entry's own
    for (const { link, ready } of [called, fresh]) {
      expect(await codeOf(link.request('training.pause', null, { withinMs: 60_000 }))).toBe(
        'RUN_NO_TRAINING',
      );
      await ready;
    }
  });
});
