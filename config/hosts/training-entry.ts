/** The training host: one thread, one event loop, the triad and its tensors. Everything else is elsewhere. */
import { nodeSeat } from '../../runtime/adapters/node/threads.ts';
import { joinHost } from '../../runtime/host/join-host.ts';
import { hostPorts } from './ports.ts';

export interface TrainingData {
  readonly logFile: string;
}

const seat = nodeSeat();
const ports = hostPorts('training', (seat.data as TrainingData).logFile);
const host = joinHost({ seat, clock: ports.clock, log: ports.log });
// What reads data is loaded before what trains on it, and data is read beside the rest of the loading.
const reader = import('./data-ahead.ts').then(({ DataAhead }) => new DataAhead(ports.disk));
// Tensors and actors take most of a second to load: meanwhile the others may start.
const room = import('./training-room.ts').then(({ TrainingRoom }) => new TrainingRoom(host, ports));
// What owns the actors: there is time for it while kernels are judged.
void room.then(() => import('../../runtime/adapters/comedy/index.ts'));

host.link.handle('training.prepare', async (body) => (await reader).begin(body));
host.link.handle('training.open', async (body) => (await room).open(body, (await reader).begun));
host.link.handle('training.stop', async () => (await room).stop());
host.link.handle('training.pause', async () => (await room).pause());
host.link.handle('training.resume', async () => (await room).goOn());
host.link.handle('training.checkpoint', async () => (await room).checkpoint());
host.link.handle('training.command', async (body) => (await room).command(body));
host.link.handle('training.outcome', async (body) => (await room).outcome(body));
host.link.handle('training.settings', async () => (await room).settings());
host.ready();
