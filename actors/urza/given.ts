/** What Urza takes along when he moves: the index of the library, and the catalogues that are being made. */
import { type Static, Type } from '@sinclair/typebox';
import { BlueprintQuarantined, CatalogueEntry } from '../../contracts/index.ts';
import type { Desk } from './behaviour.ts';
import type { Library, Stock } from './library.ts';
import type { Outcome, Request } from './request.ts';
import { CertificateFile, KernelFile } from './shelf.ts';

const closed = { additionalProperties: false };
const Ended = Type.Union([
  Type.Object({ kind: Type.Literal('certified'), entry: CatalogueEntry, fromShelf: Type.Boolean() }, closed),
  Type.Object({ kind: Type.Literal('barred'), reasons: Type.Array(Type.String()) }, closed),
]);
/** Milliseconds are spans, not instants: the clocks of two processes have nothing in common but their pace. */
const OpenRequest = Type.Object(
  {
    requestId: Type.String(),
    openForMs: Type.Number({ minimum: 0 }),
    leftMs: Type.Number({ minimum: 0 }),
    proposed: Type.Union([Type.Array(Type.String()), Type.Null()]),
    outcomes: Type.Array(Type.Tuple([Type.String(), Ended])),
  },
  closed,
);

export const UrzaGiven = Type.Object(
  {
    kernels: Type.Array(KernelFile),
    certificates: Type.Array(CertificateFile),
    quarantine: Type.Array(BlueprintQuarantined.schema),
    requests: Type.Array(OpenRequest),
    /** Kernels that were too many to take along, by id. Their certificates are here: made again, they need not be measured. */
    left: Type.Array(Type.String()),
  },
  closed,
);
export type UrzaGiven = Omit<Static<typeof UrzaGiven>, 'quarantine'> & {
  readonly quarantine: readonly BlueprintQuarantined[];
};

/** Characters that travel at most, of three bytes each at worst: what a unit may take along is larger than that. */
const MOST = 10_000_000;

/**
 * @param most characters that travel; open requests always do. Of kernels the newest that fit, they are what the requests of the
 * day are about, and the rest is named
 */
export function packed({ library, requests }: Desk, nowMs: number, most = MOST): UrzaGiven {
  const { engine, kernels, certificates, quarantine } = library;
  const open = [...requests.values()].map((request) => ({
    requestId: request.requestId,
    openForMs: Math.max(0, nowMs - request.openedAtMs),
    leftMs: Math.max(0, request.dueAtMs - nowMs),
    proposed: request.proposed === null ? null : [...request.proposed],
    outcomes: [...request.outcomes].map(([id, outcome]): [string, Static<typeof Ended>] => [
      id,
      outcome.kind === 'barred' ? { kind: 'barred', reasons: [...outcome.reasons] } : outcome,
    ]),
  }));
  const known = {
    certificates: [...certificates.values()].map((certificate) => ({ certificate, engine })),
    quarantine: [...quarantine.values()],
    requests: open,
  };
  let length = JSON.stringify(known).length;
  const travel: UrzaGiven['kernels'] = [];
  const left: string[] = [];
  for (const { kernel, parents } of [...kernels.values()].reverse()) {
    const size = JSON.stringify(kernel).length + JSON.stringify(parents).length;
    if (length + size > most) left.push(kernel.kernelId);
    else {
      length += size;
      travel.push({ kernel, parents: [...parents] });
    }
  }
  return { ...known, kernels: travel.reverse(), left: left.reverse() };
}

/** What this adds to a library: a shelf that lacks it gets it too. */
export const additions = (given: UrzaGiven, library: Library): Stock => ({
  kernels: given.kernels.filter(({ kernel }) => !library.kernels.has(kernel.kernelId)),
  certificates: given.certificates.filter(
    ({ certificate, engine }) => engine !== library.engine || !library.certificates.has(certificate.kernelId),
  ),
  quarantine: given.quarantine.filter(({ blueprintId }) => !library.quarantine.has(blueprintId)),
});

/** Kernels that were left behind, and that nobody here has either. */
export const missing = ({ left }: UrzaGiven, { kernels }: Library): readonly string[] =>
  left.filter((kernelId) => !kernels.has(kernelId));

/** The catalogues that go on being made here. */
export const reopened = ({ requests }: UrzaGiven, nowMs: number): readonly Request[] =>
  requests.map(({ requestId, openForMs, leftMs, proposed, outcomes }) => ({
    requestId,
    openedAtMs: nowMs - openForMs,
    dueAtMs: nowMs + leftMs,
    proposed,
    outcomes: new Map<string, Outcome>(outcomes),
  }));
