/** What Urza takes along when he moves: the index of the library, and the catalogues that are being made. */
import { type Static, Type } from '@sinclair/typebox';
import { BlueprintQuarantined, CatalogueEntry } from '../../contracts/index.ts';
import type { Desk, UrzaEvent } from './behaviour.ts';
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
  },
  closed,
);
export type UrzaGiven = Omit<Static<typeof UrzaGiven>, 'quarantine'> & {
  readonly quarantine: readonly BlueprintQuarantined[];
};

/** Characters of kernels that travel at most: what is beyond is on the old shelf, and can be made again. */
const MOST = 200_000;

export function packed({ library, requests }: Desk, nowMs: number): UrzaGiven {
  const { engine, kernels, certificates, quarantine } = library;
  let length = 0;
  // The newest first: they are what the requests of the day are about.
  const travel = [...kernels.values()].reverse().filter((shelved) => {
    length += JSON.stringify(shelved).length;
    return length <= MOST;
  });
  return {
    kernels: travel.reverse().map(({ kernel, parents }) => ({ kernel, parents: [...parents] })),
    certificates: travel.flatMap(({ kernel }) => {
      const certificate = certificates.get(kernel.kernelId);
      return certificate === undefined ? [] : [{ certificate, engine }];
    }),
    quarantine: [...quarantine.values()],
    requests: [...requests.values()].map((request) => ({
      requestId: request.requestId,
      openForMs: Math.max(0, nowMs - request.openedAtMs),
      leftMs: Math.max(0, request.dueAtMs - nowMs),
      proposed: request.proposed === null ? null : [...request.proposed],
      outcomes: [...request.outcomes].map(([id, outcome]): [string, Static<typeof Ended>] => [
        id,
        outcome.kind === 'barred' ? { kind: 'barred', reasons: [...outcome.reasons] } : outcome,
      ]),
    })),
  };
}

/** What this adds to a library, as news: a shelf that lacks it gets it too. */
export const additions = (given: UrzaGiven, { library }: Desk): readonly UrzaEvent[] => [
  ...given.kernels
    .filter(({ kernel }) => !library.kernels.has(kernel.kernelId))
    .map((shelved): UrzaEvent => ({ kind: 'shelved', ...shelved })),
  ...given.certificates
    .filter(({ certificate }) => !library.certificates.has(certificate.kernelId))
    .map((shelved): UrzaEvent => ({ kind: 'certified', ...shelved })),
  ...given.quarantine
    .filter(({ blueprintId }) => !library.quarantine.has(blueprintId))
    .map((found): UrzaEvent => ({ kind: 'quarantined', found })),
];

/** The catalogues that go on being made here. */
export const reopened = ({ requests }: UrzaGiven, nowMs: number): readonly Request[] =>
  requests.map(({ requestId, openForMs, leftMs, proposed, outcomes }) => ({
    requestId,
    openedAtMs: nowMs - openForMs,
    dueAtMs: nowMs + leftMs,
    proposed,
    outcomes: new Map<string, Outcome>(outcomes),
  }));
