/** Urza's judgement: what each piece of news means for the library and for the requests that wait. */
import {
  BlueprintProposed,
  type BlueprintQuarantined,
  type BlueprintRejected,
  type Certificate,
  type Kernel,
  type KernelCharacterized,
  KernelCompiled,
  KernelReady,
  type MessageDied,
  type ProposalsMade,
  ProposalsWanted,
} from '../../contracts/index.ts';
import { type Library, withCertificate, withKernel, withQuarantined } from './library.ts';
import { isSettled, type Outcome, openRequest, type Request, withOutcome, withProposals } from './request.ts';

export interface Desk {
  readonly library: Library;
  readonly requests: ReadonlyMap<string, Request>;
}

export type UrzaEvent =
  | {
      readonly kind: 'opened';
      readonly requestId: string;
      readonly atMs: number;
      readonly withinMs: number;
    }
  | { readonly kind: 'proposed'; readonly made: ProposalsMade }
  | {
      readonly kind: 'ended';
      readonly requestId: string;
      readonly blueprintId: string;
      readonly outcome: Outcome;
    }
  | { readonly kind: 'shelved'; readonly kernel: Kernel; readonly parents: readonly string[] }
  | { readonly kind: 'certified'; readonly certificate: Certificate; readonly engine: string }
  | { readonly kind: 'quarantined'; readonly found: BlueprintQuarantined }
  | { readonly kind: 'answered'; readonly requestId: string };

/** The only way the desk changes. News about a request that is closed, or was never open, changes no request. */
export function evolve(desk: Desk, event: UrzaEvent): Desk {
  switch (event.kind) {
    case 'opened':
      return withRequest(desk, openRequest(event.requestId, event.atMs, event.withinMs));
    case 'proposed':
      return onRequest(desk, event.made.requestId, (request) => withProposals(request, event.made));
    case 'ended':
      return onRequest(desk, event.requestId, (request) =>
        withOutcome(request, event.blueprintId, event.outcome),
      );
    case 'shelved': {
      const { kernel, parents } = event;
      return { ...desk, library: withKernel(desk.library, { kernel, parents }) };
    }
    case 'certified':
      return { ...desk, library: withCertificate(desk.library, event) };
    case 'quarantined':
      return { ...desk, library: withQuarantined(desk.library, event.found) };
    case 'answered': {
      const requests = new Map(desk.requests);
      requests.delete(event.requestId);
      return { ...desk, requests };
    }
  }
}

/** Karn's list, with the library's own reasons for what is in quarantine. */
export function noteProposals({ library }: Desk, made: ProposalsMade): readonly UrzaEvent[] {
  const skipped = made.skipped.map(({ blueprintId, reasons }) => ({
    blueprintId,
    reasons: library.quarantine.get(blueprintId)?.reasons ?? reasons,
  }));
  return [{ kind: 'proposed', made: { ...made, skipped } }];
}

/** Shelves a kernel. One that this engine has judged before, or that is in quarantine, need not be measured again. */
export function receiveKernel({ library }: Desk, { requestId, kernel, parents }: KernelCompiled) {
  const events: UrzaEvent[] = [];
  if (!library.kernels.has(kernel.kernelId)) events.push({ kind: 'shelved', kernel, parents });
  const blueprintId = kernel.blueprint.id;
  const found = library.quarantine.get(blueprintId);
  const known = library.certificates.get(kernel.kernelId);
  if (!found && !known) return { events, toMeasure: KernelReady.of({ requestId, kernel }) };
  const outcome = found ? barred(found.reasons) : judged(kernel, known, true);
  return {
    events: [...events, { kind: 'ended' as const, requestId, blueprintId, outcome }],
    toMeasure: null,
  };
}

/** Files a certificate, and ends the wait for its blueprint. */
export function receiveCertificate({ library }: Desk, news: KernelCharacterized): readonly UrzaEvent[] {
  const { requestId, certificate, engine } = news;
  const { kernelId, blueprintId } = certificate;
  const kernel = library.kernels.get(kernelId)?.kernel;
  const outcome = kernel ? judged(kernel, certificate, false) : barred(['kernel_not_on_the_shelf']);
  return [
    { kind: 'certified', certificate, engine },
    { kind: 'ended', requestId, blueprintId, outcome },
  ];
}

export const receiveRejection = ({
  requestId,
  blueprintId,
  reasons,
}: BlueprintRejected): readonly UrzaEvent[] => [
  { kind: 'ended', requestId, blueprintId, outcome: barred(reasons) },
];

/** Nobody could deliver it, so nobody will answer: whoever waits for its effect must not. */
export function receiveDeath({ body, reason }: MessageDied): readonly UrzaEvent[] {
  const type = (body as { type?: unknown } | null)?.type;
  const ended = (requestId: string, blueprintId: string): readonly UrzaEvent[] => [
    { kind: 'ended', requestId, blueprintId, outcome: barred(['undeliverable', reason]) },
  ];
  switch (type) {
    case BlueprintProposed.type: {
      const { requestId, blueprint } = BlueprintProposed.parse(body);
      return ended(requestId, blueprint.id);
    }
    case KernelCompiled.type: {
      const { requestId, kernel } = KernelCompiled.parse(body);
      return ended(requestId, kernel.blueprint.id);
    }
    case KernelReady.type: {
      const { requestId, kernel } = KernelReady.parse(body);
      return ended(requestId, kernel.blueprint.id);
    }
    case ProposalsWanted.type: {
      const { requestId } = ProposalsWanted.parse(body);
      return [
        {
          kind: 'proposed',
          made: { type: 'karn.proposals.made', v: 1, requestId, blueprintIds: [], skipped: [] },
        },
      ];
    }
    default:
      return [];
  }
}

/** Requests that nothing keeps open any more. */
export const settledRequests = ({ requests }: Desk): readonly Request[] =>
  [...requests.values()].filter(isSettled);

const barred = (reasons: readonly string[]): Outcome => ({ kind: 'barred', reasons });

/** A certificate belongs to a graph; it is issued to the blueprint that asks, under its own name. */
function judged(kernel: Kernel, certificate: Certificate | undefined, fromShelf: boolean): Outcome {
  if (certificate?.verdict !== 'VALIDATED') return barred(certificate?.reasons ?? ['not_certified']);
  const entry = { kernel, certificate: { ...certificate, blueprintId: kernel.blueprint.id } };
  return { kind: 'certified', entry, fromShelf };
}

const withRequest = (desk: Desk, request: Request): Desk => ({
  ...desk,
  requests: new Map(desk.requests).set(request.requestId, request),
});

function onRequest(desk: Desk, requestId: string, change: (request: Request) => Request): Desk {
  const request = desk.requests.get(requestId);
  return request ? withRequest(desk, change(request)) : desk;
}
