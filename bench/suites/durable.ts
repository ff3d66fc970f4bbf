/** What a message costs that must not be lost: its event is on the device before it is applied and before the answer. */
import { nodeDisk } from '../../runtime/adapters/node/disk.ts';
import { nodeProcesses } from '../../runtime/adapters/node/processes.ts';
import { accept, defineActor, openEventStore, startSystem, supervisor, worker } from '../../runtime/index.ts';
import { benchPorts } from '../rig/ports.ts';
import { inScratch } from '../rig/scratch.ts';
import { repeat, stopwatch, times } from '../sampling.ts';
import { perSecond, spread } from '../statistics.ts';
import { figure, type Suite } from '../suite.ts';

/** Actors that write at the same time and share each sync. */
const ACTORS = 256;
const OPTIONS = { strategy: 'one_for_one', intensity: 1, periodMs: 1_000 } as const;
const WITHIN = { withinMs: 10_000 } as const;
type Add = { readonly type: 'add'; readonly by: number };

const account = defineActor<number, Add, { readonly by: number }>({
  name: 'account',
  durable: { version: 1 },
  fresh: () => 0,
  decide: { add: (balance, { by }) => accept(balance + by, { by }) },
  evolve: (balance, { by }) => balance + by,
});

export const durable: Suite = {
  name: 'durable',
  room: 'runtime',
  about:
    'events of durable actors, synced, applied and answered: one actor, 256 together; and reading them back',
  run: (effort) =>
    inScratch(async (scratch) => {
      const life = () => bank(`${scratch}/events`);
      const first = await life();
      const alone = await repeat(times(effort, 200), () => stopwatch(() => first.add(0)));
      const together = await repeat(times(effort, 50), () => stopwatch(() => first.addAll()));
      await first.close();
      const starts = await repeat(times(effort, 10), async () => {
        let next: Awaited<ReturnType<typeof life>> | null = null;
        const took = await stopwatch(async () => {
          next = await life();
        });
        await (next as Awaited<ReturnType<typeof life>> | null)?.close();
        return took;
      });
      return [
        figure('append-apply-answer', 'ms', spread(alone)),
        figure('append-apply-256', '/s', perSecond(together, ACTORS)),
        figure('recover-256', 'ms', spread(starts)),
      ];
    }),
};

async function bank(folder: string) {
  const events = await openEventStore({ disk: nodeDisk(), folder, processes: nodeProcesses() });
  const accounts = Array.from({ length: ACTORS }, (_, i) => worker(account, { id: `a${i}` }));
  const system = await startSystem(supervisor('bank', OPTIONS, accounts), {
    ...(await benchPorts()),
    events,
  });
  const refs = accounts.map(({ id }) => system.ref<Add>(`bank/${id}`));
  const add = (i: number) => refs[i]?.ask<number>({ type: 'add', by: 1 }, WITHIN);
  return {
    add,
    addAll: () => Promise.all(refs.map((_, i) => add(i))),
    async close() {
      await system.stop();
      await events.close();
    },
  };
}
