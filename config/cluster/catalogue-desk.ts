/** Catalogues over the bus: whoever needs one asks with an id, and whoever is Urza now answers, whatever falls in between. */

import { prepareCatalogue } from '../../actors/urza/prepare-catalogue.ts';
import {
  CatalogueReady,
  CatalogueRequested,
  EsperError,
  type MessageOf,
  TOPICS,
  toFailure,
} from '../../contracts/index.ts';
import type { Bus, Clock, Ref } from '../../runtime/index.ts';

type Request = MessageOf<typeof CatalogueRequested>;

/** What Urza may take beyond the deadline before he counts as gone, in milliseconds. */
const GRACE_MS = 2_000;

/**
 * Beside Urza: a request counts as dealt with when its answer is out, so one that a crash interrupted is handed to the next
 * Urza. The answer ends it.
 */
export function serveCatalogues(
  desk: { readonly bus: Bus; readonly clock: Pick<Clock, 'after'>; readonly urza: Ref<CatalogueRequested> },
  atOnce: number,
): () => void {
  return desk.bus.subscribe(
    TOPICS.catalogueWanted,
    async ({ body }) => {
      const { type: _, v: __, ...request } = CatalogueRequested.parse(body);
      try {
        await prepareCatalogue(desk, request);
      } catch (thrown) {
        if (toFailure(thrown).details?.refused !== 'URZA_REQUEST_OPEN') throw thrown;
        // It is being made already: the answer will be the same, and this is not dealt with before it is out.
        await answerTo(desk, request.requestId, request.withinMs + GRACE_MS);
      }
    },
    { queue: 'urza', credits: atOnce, atOnce },
  );
}

/**
 * Asks over the bus. The request waits while nobody is Urza, and survives any of the four who make a catalogue.
 * @param withinMs how long it may wait for all of that
 * @throws URZA_SILENT (retryable), OONA_OUTBOX_FULL
 */
export function askForCatalogue(
  { bus, clock }: { readonly bus: Bus; readonly clock: Pick<Clock, 'after'> },
  request: Request,
  withinMs: number,
): Promise<CatalogueReady> {
  const { requestId } = request;
  const answer = answerTo({ bus, clock }, requestId, withinMs);
  if (bus.publish(TOPICS.catalogueWanted, request, { priority: 1, id: requestId })) return answer;
  answer.catch(() => undefined);
  return Promise.reject(silent(requestId, 0));
}

/** The answer to a request, whoever makes it. @throws URZA_SILENT */
function answerTo(
  { bus, clock }: { readonly bus: Bus; readonly clock: Pick<Clock, 'after'> },
  requestId: string,
  withinMs: number,
): Promise<CatalogueReady> {
  return new Promise((resolve, reject) => {
    const leave = bus.subscribe(TOPICS.catalogueReady, ({ body }) => {
      const ready = CatalogueReady.parse(body);
      if (ready.requestId !== requestId) return;
      close();
      resolve(ready);
    });
    const cancel = clock.after(withinMs, () => {
      close();
      reject(silent(requestId, withinMs));
    });
    const close = () => {
      leave();
      cancel();
    };
  });
}

const silent = (requestId: string, withinMs: number) =>
  new EsperError(
    'URZA_SILENT',
    'no catalogue was made in time',
    { requestId, withinMs },
    { hint: 'see that a node can run urza, karn, tezzeret and urabrask, then ask again', retryable: true },
  );
