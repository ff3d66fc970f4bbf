/** The innovation host: a thread where blueprints are invented, compiled and tested to destruction, away from training. */
import { oona } from '../../actors/oona/actor.ts';
import { InProcessBus } from '../../actors/oona/in-process-bus.ts';
import { innovationRoutes, WATCHED } from '../../actors/oona/routes.ts';
import { innovationTree, seated } from '../../actors/tree.ts';
import { prepareCatalogue } from '../../actors/urza/prepare-catalogue.ts';
import { CatalogueRequested } from '../../contracts/index.ts';
import { nodeSeat } from '../../runtime/adapters/node/threads.ts';
import { joinHost } from '../../runtime/host/join-host.ts';
import { startSystem } from '../../runtime/local.ts';
import { INNOVATORS, innovatorSeats } from './innovators.ts';
import { hostPorts } from './ports.ts';

export interface InnovationData {
  /** Folder of the library, shared by all runs. */
  readonly library: string;
  readonly logFile: string;
}

/** How long an actor may take over one message before it is tried again: a hard kernel keeps the bench busy for a while. */
const DELIVER_WITHIN_MS = 60_000;

const seat = nodeSeat();
const data = seat.data as InnovationData;
const ports = hostPorts('innovation', data.logFile);
const host = joinHost({ seat, clock: ports.clock, log: ports.log });
const bus = new InProcessBus(ports);
const seats = innovatorSeats(bus, ports, data.library);
const path = (actor: string) => `innovation/${actor}`;
const routes = innovationRoutes({
  karn: path('karn'),
  tezzeret: path('tezzeret'),
  urabrask: path('urabrask'),
  urza: path('urza'),
});

const system = await startSystem(
  innovationTree([
    seated([oona, { bus, routes, deliverWithinMs: DELIVER_WITHIN_MS }]),
    ...INNOVATORS.map((actor) => seats[actor]()),
  ]),
  await ports.system(0),
);

for (const pattern of WATCHED)
  bus.subscribe(pattern, ({ topic, body }) => void host.link.publish('news', { topic, body }));

host.link.handle('innovation.catalogue', (body) => {
  const { type: _, v: __, ...request } = CatalogueRequested.parse(body);
  return prepareCatalogue(
    { bus, clock: ports.clock, urza: system.ref<CatalogueRequested>(path('urza')) },
    request,
  );
});
host.ready();

const ended = await system.done;
await ports.log.flush();
if (ended.kind === 'crashed') throw ended.error;
