/** Urza keeps the library: he shelves kernels, sends the unknown to be measured, and answers with what is certified. */
import {
  type BlueprintQuarantined,
  type BlueprintRejected,
  type CatalogueRequested,
  EsperError,
  type KernelCharacterized,
  type KernelCompiled,
  type KernelsQueried,
  type MessageDied,
  type ProposalsMade,
  ProposalsWanted,
  TOPICS,
} from '../../contracts/index.ts';
import type { Bus, Cx } from '../../runtime/index.ts';
import { accept, defineActor, refuse } from '../../runtime/local.ts';
import { givenAs, type StateWanted } from '../state-wanted.ts';
import {
  type Desk,
  evolve,
  noteProposals,
  receiveCertificate,
  receiveDeath,
  receiveKernel,
  receiveRejection,
  settledRequests,
  type UrzaEvent,
} from './behaviour.ts';
import { additions, packed, reopened, UrzaGiven } from './given.ts';
import { emptyLibrary, findKernels } from './library.ts';
import { answer } from './request.ts';
import type { Shelf } from './shelf.ts';

export interface UrzaArgs {
  readonly bus: Bus;
  /** Null keeps the library in memory only. */
  readonly shelf: Shelf | null;
  /** Versions that decide what a measurement is worth; another engine has certificates of its own. */
  readonly engine: string;
  /** What Urza had in his hands on the node he came from, unchecked. */
  readonly given?: unknown;
}

interface UrzaState {
  readonly desk: Desk;
  readonly args: UrzaArgs;
}

interface RequestExpired {
  readonly type: 'urza.request.expired';
  readonly requestId: string;
}

export type UrzaMessage =
  | CatalogueRequested
  | RequestExpired
  | ProposalsMade
  | BlueprintRejected
  | KernelCompiled
  | KernelCharacterized
  | BlueprintQuarantined
  | MessageDied
  | KernelsQueried
  | StateWanted;

export const urza = defineActor<UrzaState, UrzaMessage, UrzaEvent, UrzaArgs>({
  name: 'urza',
  mailbox: { capacity: 256, whenFull: 'refuse' },
  async fresh(cx, args) {
    const desk: Desk = { library: emptyLibrary(args.engine), requests: new Map() };
    const shelved: UrzaState = { desk: (await readShelf(cx, args)).reduce(evolve, desk), args };
    return args.given === undefined ? shelved : await goOn(shelved, args.given, cx);
  },
  decide: {
    'urza.catalogue.requested': ({ desk, args }, request, cx) => {
      const { type: _, v: __, withinMs, ...wanted } = request;
      const { requestId } = wanted;
      if (desk.requests.has(requestId)) return refuse('URZA_REQUEST_OPEN', { requestId });
      cx.after(withinMs, { type: 'urza.request.expired', requestId });
      args.bus.publish(TOPICS.proposalsWanted, ProposalsWanted.of(wanted), 1);
      return accept({ requestId }, { kind: 'opened', requestId, atMs: cx.nowMs(), withinMs });
    },
    'urza.request.expired': ({ desk, args }, { requestId }, cx) => {
      const request = desk.requests.get(requestId);
      if (!request) return accept();
      args.bus.publish(TOPICS.catalogueReady, answer(request, cx.nowMs()), 1);
      return accept(undefined, { kind: 'answered', requestId });
    },
    'karn.proposals.made': (state, made, cx) => conclude(state, noteProposals(state.desk, made), cx),
    'tezzeret.blueprint.rejected': (state, news, cx) => conclude(state, receiveRejection(news), cx),
    'tezzeret.kernel.compiled': async (state, news, cx) => {
      const { events, toMeasure } = receiveKernel(state.desk, news);
      await store(state, events, cx);
      cx.metrics.count(`esper_kernel_cache_${toMeasure ? 'misses' : 'hits'}_total`, 1, { tier: 'shelf' });
      if (toMeasure) state.args.bus.publish(TOPICS.kernelReady, toMeasure);
      return conclude(state, events, cx);
    },
    'urabrask.kernel.characterized': async (state, news, cx) => {
      const events = receiveCertificate(state.desk, news);
      await store(state, events, cx);
      return conclude(state, events, cx);
    },
    'innovation.blueprint.quarantined': async (state, found, cx) => {
      const events: readonly UrzaEvent[] = [{ kind: 'quarantined', found }];
      await store(state, events, cx);
      return accept(undefined, ...events);
    },
    'oona.message.died': (state, news, cx) => conclude(state, receiveDeath(news), cx),
    'urza.kernels.queried': ({ desk }, query) => accept(findKernels(desk.library, query)),
    'unit.state.wanted': ({ desk }, _, cx) => accept(packed(desk, cx.nowMs())),
  },
  evolve: (state, event) => ({ ...state, desk: evolve(state.desk, event) }),
});

/** From where the last node left off: nobody who waits for a catalogue has to ask again. @throws UNIT_STATE_INVALID */
async function goOn(state: UrzaState, received: unknown, cx: Cx<UrzaMessage>): Promise<UrzaState> {
  const given = givenAs(UrzaGiven, 'urza', received) as UrzaGiven;
  const events = additions(given, state.desk);
  await store(state, events, cx);
  const desk = events.reduce(evolve, state.desk);
  const requests = new Map(desk.requests);
  for (const request of reopened(given, cx.nowMs())) {
    const { requestId, dueAtMs } = request;
    requests.set(requestId, request);
    cx.after(dueAtMs - cx.nowMs(), { type: 'urza.request.expired', requestId });
  }
  return { ...state, desk: { ...desk, requests } };
}

/** Answers every request that these events settle. */
function conclude({ desk, args }: UrzaState, events: readonly UrzaEvent[], cx: Cx<UrzaMessage>) {
  const settled = settledRequests(events.reduce(evolve, desk));
  for (const request of settled) args.bus.publish(TOPICS.catalogueReady, answer(request, cx.nowMs()), 1);
  const answered = settled.map(({ requestId }) => ({ kind: 'answered' as const, requestId }));
  return accept<UrzaEvent>(undefined, ...events, ...answered);
}

async function readShelf(cx: Cx<UrzaMessage>, { shelf }: UrzaArgs): Promise<readonly UrzaEvent[]> {
  const contents = shelf && (await orDegraded(cx, 'read', () => shelf.load()));
  if (!contents) return [];
  for (const file of contents.corrupted) {
    const code = 'URZA_FILE_CORRUPT';
    cx.log.write('warn', 'a file in the library is not what was written; set aside', { code, file });
    cx.metrics.count('esper_kernel_integrity_failures_total', 1, { kind: 'shelf' });
  }
  return [
    ...contents.kernels.map((shelved): UrzaEvent => ({ kind: 'shelved', ...shelved })),
    ...contents.certificates.map((shelved): UrzaEvent => ({ kind: 'certified', ...shelved })),
    ...contents.quarantine.map((found): UrzaEvent => ({ kind: 'quarantined', found })),
  ];
}

/** Writes what these events add. */
async function store(
  { desk, args: { shelf } }: UrzaState,
  events: readonly UrzaEvent[],
  cx: Cx<UrzaMessage>,
) {
  if (!shelf) return;
  await orDegraded(cx, 'write', async () => {
    for (const event of events) {
      if (event.kind === 'shelved') await shelf.putKernel({ kernel: event.kernel, parents: event.parents });
      if (event.kind === 'certified') {
        await shelf.putCertificate({ certificate: event.certificate, engine: event.engine });
      }
      if (event.kind === 'quarantined') {
        const { quarantine } = evolve(desk, event).library;
        await shelf.putQuarantine([...quarantine.values()]);
      }
    }
  });
}

/** A disk that fails costs the next run its head start and nothing else: the library goes on in memory, and says so. */
async function orDegraded<T>(
  cx: Cx<UrzaMessage>,
  op: 'read' | 'write',
  work: () => Promise<T>,
): Promise<T | null> {
  try {
    return await work();
  } catch (thrown) {
    if (!(thrown instanceof EsperError)) throw thrown;
    cx.log.write('error', `the library could not ${op} its shelf; it goes on in memory`, {
      code: thrown.code,
    });
    cx.metrics.count('esper_store_requests_total', 1, { store: 'urza', op, outcome: 'failed' });
    return null;
  }
}
