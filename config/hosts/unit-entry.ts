/** A unit's thread on a node of a cluster: some of those who make kernels, who hear and speak through the node's bus. */
import { oona } from '../../actors/oona/actor.ts';
import { routesOf } from '../../actors/oona/routes.ts';
import { ThreadBus } from '../../actors/oona/thread-bus.ts';
import type { StateWanted } from '../../actors/state-wanted.ts';
import { innovationTree, seated } from '../../actors/tree.ts';
import type { CatalogueRequested } from '../../contracts/index.ts';
import { nodeSeat } from '../../runtime/adapters/node/threads.ts';
import { joinHost } from '../../runtime/host/join-host.ts';
import { startSystem } from '../../runtime/index.ts';
import { serveCatalogues } from '../cluster/catalogue-desk.ts';
import { GIVERS, type Given, INNOVATORS, type Innovator, innovatorSeats } from './innovators.ts';
import { hostPorts } from './ports.ts';
import { deliverMail } from './unit-mail.ts';
import { UNIT, UnitMail, UnitState, UnitTake, worded } from './unit-words.ts';

export interface UnitData {
  readonly unit: string;
  readonly actors: readonly Innovator[];
  /** Folder of Urza's library. */
  readonly library: string;
  readonly logFile: string;
}

/** How long an actor may take over one message before it is tried again: a hard kernel keeps the bench busy for a while. */
const DELIVER_WITHIN_MS = 60_000;
/** Catalogues that are made at a time. */
const CATALOGUES_AT_ONCE = 4;
/** What a thread brings is at hand on its node. */
const GIVEN_WITHIN_MS = 5_000;

const seat = nodeSeat();
const data = seat.data as UnitData;
const ports = hostPorts(data.unit, data.logFile);
const host = joinHost({ seat, clock: ports.clock, log: ports.log });
const bus = new ThreadBus(host.link, ports);
const given: Given = worded(
  UnitState,
  UNIT.given,
)((await host.link.request(UNIT.given, null, { withinMs: GIVEN_WITHIN_MS })) ?? {});
const seats = innovatorSeats(bus, ports, data.library, given);
const here = INNOVATORS.filter((actor) => data.actors.includes(actor));
const path = (actor: Innovator) => `innovation/${actor}`;

const system = await startSystem(
  innovationTree([
    ...here.map((actor) => seats[actor]()),
    // Last: nothing is taken off the bus before those it is for are there.
    seated([
      oona,
      {
        bus,
        routes: here.flatMap((actor) => routesOf(actor, path(actor))),
        deliverWithinMs: DELIVER_WITHIN_MS,
      },
    ]),
  ]),
  await ports.system(0),
);
const ears = system.supervisor('innovation');
let closeDesk = openDesk();

function openDesk(): () => void {
  if (!here.includes('urza')) return () => {};
  const urza = system.ref<CatalogueRequested>(path('urza'));
  return serveCatalogues({ bus, clock: ports.clock, urza }, CATALOGUES_AT_ONCE);
}

/** What has been handed in is dealt with first; what was not is handed to the next. */
async function take(withinMs: number): Promise<Record<string, unknown>> {
  closeDesk();
  await ears.terminate(oona.name);
  const taken = GIVERS.filter((actor) => here.includes(actor)).map(async (actor) => {
    const state = await system.ref<StateWanted>(path(actor)).ask({ type: 'unit.state.wanted' }, { withinMs });
    return [actor, state];
  });
  return Object.fromEntries(await Promise.all(taken));
}

const mail = worded(UnitMail, UNIT.mail);
const terms = worded(UnitTake, UNIT.take);
host.link.handle(UNIT.mail, (body) => deliverMail(mail(body), here, (actor) => system.ref(path(actor))));
host.link.handle(UNIT.take, (body) => take(terms(body).withinMs));
host.link.handle(UNIT.keep, async () => {
  closeDesk();
  closeDesk = openDesk();
  await ears.restart(oona.name);
});
host.ready();

const ended = await system.done;
await ports.log.flush();
if (ended.kind === 'crashed') throw ended.error;
