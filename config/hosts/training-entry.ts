/** The training host: one thread, one event loop, the triad and its tensors. Everything else is elsewhere. */
import { nodeSeat } from '../../runtime/adapters/node/threads.ts';
import { joinHost } from '../../runtime/host/join-host.ts';
import { hostPorts } from './ports.ts';
import { loadPieces, OWNERS, ROOM } from './training-pieces.ts';

export interface TrainingData {
  readonly logFile: string;
}

const seat = nodeSeat();
const ports = hostPorts('training', (seat.data as TrainingData).logFile);
const host = joinHost({ seat, clock: ports.clock, log: ports.log });
const reader = import('./data-ahead.ts').then(({ DataAhead }) => new DataAhead(ports.disk));
// Tensors and actors take most of a second to load: meanwhile the others may start.
const room = reader
  .then(() => loadPieces(ROOM))
  .then(() => import('./training-room.ts'))
  .then(({ TrainingRoom }) => new TrainingRoom(host, ports));
void room.then(() => loadPieces([OWNERS]));

host.link.handle('training.prepare', async (body) => (await reader).begin(body));
host.link.handle('training.open', async (body) => (await room).open(body, (await reader).begun));
host.link.handle('training.stop', async () => (await room).stop());
host.link.handle('training.pause', async (body) => (await room).pause(body));
host.link.handle('training.resume', async (body) => (await room).goOn(body));
host.link.handle('training.checkpoint', async (body) => (await room).checkpoint(body));
host.link.handle('training.command', async (body) => (await room).command(body));
host.link.handle('training.outcome', async (body) => (await room).outcome(body));
host.link.handle('training.settings', async () => (await room).settings());
host.ready();
