/** The training host: one thread, one event loop, the triad and its tensors. Everything else is elsewhere. */
import { threadId } from 'node:worker_threads';
import { toFailure } from '../../contracts/index.ts';
import { nodeProcesses } from '../../runtime/adapters/node/processes.ts';
import { nodeSeat } from '../../runtime/adapters/node/threads.ts';
import { joinHost } from '../../runtime/host/join-host.ts';
import type { Processes } from '../../runtime/index.ts';
import { type OpenRun, openRun } from '../training/open-run.ts';
import { TrainingClosed, TrainingOpened, TrainOrder } from '../training/order.ts';
import { hostPorts } from './ports.ts';

export interface TrainingData {
  readonly logFile: string;
}

const seat = nodeSeat();
const ports = hostPorts('training', (seat.data as TrainingData).logFile);
const host = joinHost({ seat, clock: ports.clock, log: ports.log });
let run: OpenRun | null = null;

host.link.handle('training.open', async (body) => {
  const order = TrainOrder.parse(body);
  run = await openRun(order, {
    ...ports,
    env: process.env,
    processes: oneThreadAtATime(nodeProcesses()),
    systemPorts: ports.system,
    publish: (message) => void host.link.publish('telemetry', message),
  });
  void run.closed.then(
    ({ ended, files }) =>
      host.link.publish(
        'training.closed',
        TrainingClosed.of({ runId: order.runId, ended, files: { ...files } }),
      ),
    async (error) => {
      host.link.publish('training.failed', toFailure(error));
      await ports.log.flush();
    },
  );
  return TrainingOpened.of({
    runId: order.runId,
    backend: run.backend,
    engineRoom: run.engineRoom,
    data: run.data,
    resumedFrom: run.resumedFrom,
  });
});
host.link.handle('training.stop', () => run?.stop());
host.ready();

/**
 * A journal is locked by process. A training thread that crashed leaves the lock of a process that still lives;
 * this process runs one training thread at a time, so a lock of any other thread of it is a dead one.
 */
function oneThreadAtATime(processes: Processes): Processes {
  const self = processes.self();
  const mine = `${self.started}#${threadId}`;
  const startOf = (started: string) => started.split('#')[0] ?? '';
  return {
    self: () => ({ pid: self.pid, started: mine }),
    alive: (who) =>
      who.pid === self.pid && startOf(who.started) === self.started
        ? who.started === mine
        : processes.alive({ pid: who.pid, started: startOf(who.started) }),
  };
}
