/** The innovation host: a thread where blueprints are invented, compiled and tested to destruction, away from training. */
import { karn } from '../../actors/karn/actor.ts';
import { oona } from '../../actors/oona/actor.ts';
import { InProcessBus } from '../../actors/oona/in-process-bus.ts';
import { innovationRoutes, WATCHED } from '../../actors/oona/routes.ts';
import { tezzeret } from '../../actors/tezzeret/actor.ts';
import { innovationTree, seated } from '../../actors/tree.ts';
import { urabrask } from '../../actors/urabrask/actor.ts';
import type { ProbeBench } from '../../actors/urabrask/readings.ts';
import { urza } from '../../actors/urza/actor.ts';
import { prepareCatalogue } from '../../actors/urza/prepare-catalogue.ts';
import { Shelf } from '../../actors/urza/shelf.ts';
import { CatalogueRequested } from '../../contracts/index.ts';
import { checkBlueprint, kernelParameters } from '../../nn/blueprint-check.ts';
import { standardCatalogue } from '../../nn/blueprints/index.ts';
import { nodeSeat } from '../../runtime/adapters/node/threads.ts';
import { joinHost } from '../../runtime/host/join-host.ts';
import { startSystem } from '../../runtime/index.ts';
import { engine } from '../engine.ts';
import { hostPorts, sha256Of } from './ports.ts';

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
const sha256 = sha256Of(ports.hasher);
let opened: Promise<ProbeBench> | null = null;
/** Tensors take half a second to load, and a library that has certificates for everything needs none. */
const bench: ProbeBench = {
  engine,
  measure: async (kernel) => {
    opened ??= openBench();
    return (await opened).measure(kernel);
  },
};
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
    seated([urza, { bus, shelf: new Shelf(ports.disk, data.library, sha256), engine }]),
    seated([karn, { bus, templates: standardCatalogue }]),
    seated([tezzeret, { bus, tools: { check: checkBlueprint, parameters: kernelParameters, sha256 } }]),
    seated([urabrask, { bus, bench }]),
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

async function openBench(): Promise<ProbeBench> {
  const [{ openTensorRuntime }, { createProbeBench }] = await Promise.all([
    import('../../nn/index.ts'),
    import('../../actors/urabrask/probe-bench.ts'),
  ]);
  return createProbeBench({
    // Small nets, judged alike wherever they are judged; and a GPU belongs to the training thread.
    runtime: await openTensorRuntime('auto', { among: ['wasm', 'cpu'] }),
    engine,
    nowMs: () => ports.clock.nowMs(),
  });
}
