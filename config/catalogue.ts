/** What a run may grow: asked of the innovation host once, before the first step, and pinned from then on. */
import {
  CatalogueReady,
  CatalogueRequested,
  EsperError,
  type MessageOf,
  type RunConfig,
} from '../contracts/index.ts';
import type { HostHandle } from '../runtime/host/host.ts';
import { rowKindOf } from './host-layers.ts';

/** How long blueprints may be judged before a run starts with those that are ready. */
const WITHIN_MS = 60_000;
/** The host answers at its own deadline; this much later it counts as silent. */
const GRACE_MS = 10_000;

/** @throws RUN_NO_INNOVATION, RUN_NOTHING_TO_GROW, HOST_GONE, HOST_TIMED_OUT, URZA_SILENT */
export async function requestCatalogue(
  innovation: HostHandle | null,
  config: RunConfig,
  runId: string,
): Promise<CatalogueReady> {
  if (innovation === null) {
    throw new EsperError('RUN_NO_INNOVATION', 'the innovation host is not there', {}, { retryable: true });
  }
  const answer = await innovation.link.request('innovation.catalogue', catalogueRequest(config, runId), {
    withinMs: WITHIN_MS + GRACE_MS,
  });
  return somethingToGrow(CatalogueReady.parse(answer));
}

/** What a run of these settings asks for. @param id 60 of its last letters name the request */
export const catalogueRequest = (config: RunConfig, id: string): MessageOf<typeof CatalogueRequested> =>
  CatalogueRequested.parse({
    type: CatalogueRequested.type,
    v: CatalogueRequested.v,
    requestId: id.slice(-60),
    activation: config.host.activation,
    rows: rowKindOf(config.host),
    families: config.growth.families,
    spans: config.growth.spans,
    poisoned: config.faults.filter(({ kind }) => kind === 'poisoned_blueprint').length,
    withinMs: WITHIN_MS,
  });

/** @throws RUN_NOTHING_TO_GROW */
export function somethingToGrow(ready: CatalogueReady): CatalogueReady {
  if (ready.catalogue.length > 0) return ready;
  const hint = 'check growth.families and growth.spans, or grow nothing with --set growth.enabled=false';
  throw new EsperError(
    'RUN_NOTHING_TO_GROW',
    'no blueprint was certified',
    { quarantined: ready.quarantined },
    { hint },
  );
}
