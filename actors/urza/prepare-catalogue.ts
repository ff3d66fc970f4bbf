/** One call from a run's start: ask for a catalogue, wait until everything proposed has been judged. */
import { CatalogueReady, CatalogueRequested, EsperError, TOPICS } from '../../contracts/index.ts';
import type { Bus, Clock, Ref } from '../../runtime/index.ts';

export interface CatalogueDesk {
  readonly bus: Bus;
  readonly clock: Pick<Clock, 'after'>;
  readonly urza: Ref<CatalogueRequested>;
}

/** What Urza may take beyond the deadline before he counts as gone, in ms. */
const GRACE_MS = 2_000;

/**
 * Runs the whole way from Karn to the shelf and back.
 *
 * Resolves at the deadline at the latest; what was not judged by then is in `late`. `quarantined` holds every blueprint
 * that was proposed or held back and may not be used, with the reasons.
 * @throws URZA_SILENT when Urza was lost on the way; asking again is safe
 * @throws ACTOR_REFUSED with `URZA_REQUEST_OPEN` when the request id is in use
 */
export function prepareCatalogue(
  { bus, clock, urza }: CatalogueDesk,
  request: Omit<CatalogueRequested, 'type' | 'v'>,
): Promise<CatalogueReady> {
  const { requestId, withinMs } = request;
  return new Promise((resolve, reject) => {
    const leave = bus.subscribe(TOPICS.catalogueReady, ({ body }) => {
      const ready = CatalogueReady.parse(body);
      if (ready.requestId !== requestId) return;
      close();
      resolve(ready);
    });
    const fail = (error: unknown) => {
      close();
      reject(error);
    };
    const silent = new EsperError(
      'URZA_SILENT',
      'no catalogue was made in time',
      { requestId, withinMs },
      {
        hint: 'see the dead letters for what was lost, then ask again',
        retryable: true,
      },
    );
    const cancel = clock.after(withinMs + GRACE_MS, () => fail(silent));
    const close = () => {
      leave();
      cancel();
    };
    urza.ask(CatalogueRequested.of(request), { withinMs: withinMs + GRACE_MS }).catch(fail);
  });
}
