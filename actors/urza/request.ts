/** One catalogue being prepared: what was proposed, what became of it, and whether anything is still out. */
import { type CatalogueEntry, CatalogueReady, type ProposalsMade } from '../../contracts/index.ts';

export type Outcome =
  | { readonly kind: 'certified'; readonly entry: CatalogueEntry; readonly fromShelf: boolean }
  | { readonly kind: 'barred'; readonly reasons: readonly string[] };

export interface Request {
  readonly requestId: string;
  readonly openedAtMs: number;
  /** When it is answered with what there is. */
  readonly dueAtMs: number;
  /** Blueprints to wait for; null until Karn has said which. */
  readonly proposed: readonly string[] | null;
  /** By blueprint id. News may come before the list does. */
  readonly outcomes: ReadonlyMap<string, Outcome>;
}

export const openRequest = (requestId: string, openedAtMs: number, withinMs: number): Request => ({
  requestId,
  openedAtMs,
  dueAtMs: openedAtMs + withinMs,
  proposed: null,
  outcomes: new Map(),
});

/** Notes what Karn proposed, and what he held back. */
export function withProposals(request: Request, { blueprintIds, skipped }: ProposalsMade): Request {
  const outcomes = new Map(request.outcomes);
  for (const { blueprintId, reasons } of skipped) outcomes.set(blueprintId, { kind: 'barred', reasons });
  return { ...request, proposed: blueprintIds, outcomes };
}

/** Notes how one blueprint ended. The first word counts: deliveries may repeat. */
export function withOutcome(request: Request, blueprintId: string, outcome: Outcome): Request {
  if (request.outcomes.has(blueprintId)) return request;
  return { ...request, outcomes: new Map(request.outcomes).set(blueprintId, outcome) };
}

const outstanding = ({ proposed, outcomes }: Request) => (proposed ?? []).filter((id) => !outcomes.has(id));

/** Has every proposed blueprint ended, one way or the other? */
export const isSettled = (request: Request): boolean =>
  request.proposed !== null && outstanding(request).length === 0;

/** The answer as it stands: complete when settled, else with what came too late named. */
export function answer(request: Request, nowMs: number): CatalogueReady {
  const ordered = [...request.outcomes].sort(([a], [b]) => (a < b ? -1 : 1));
  return CatalogueReady.of({
    requestId: request.requestId,
    catalogue: ordered.flatMap(([, outcome]) => (outcome.kind === 'certified' ? [outcome.entry] : [])),
    quarantined: ordered.flatMap(([blueprintId, outcome]) =>
      outcome.kind === 'barred' ? [{ blueprintId, reasons: [...outcome.reasons] }] : [],
    ),
    late: outstanding(request).sort(),
    fromShelf: ordered.filter(([, outcome]) => outcome.kind === 'certified' && outcome.fromShelf).length,
    tookMs: nowMs - request.openedAtMs,
  });
}
