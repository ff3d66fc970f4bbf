/** Urza keeps the library: he shelves kernels, sends the unknown to be measured, and answers with what is certified. */
import {
  type BlueprintQuarantined,
  type BlueprintRejected,
  type CatalogueRequested,
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
import { additions, missing, packed, reopened, UrzaGiven } from './given.ts';
import { emptyLibrary, findKernels, stocked } from './library.ts';
import { answer } from './request.ts';
import type { Shelf } from './shelf.ts';
import { type GivenShelved, readShelf, shelveGiven, store } from './shelving.ts';

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

/** Kernels that one line of the log names. */
const NAMED = 64;

interface RequestExpired {
  readonly type: 'urza.request.expired';
  readonly requestId: string;
}

export type UrzaMessage =
  | CatalogueRequested
  | RequestExpired
  | GivenShelved
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
    const library = stocked(emptyLibrary(args.engine), await readShelf(cx, args.shelf));
    const shelved: UrzaState = { desk: { library, requests: new Map() }, args };
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
    'urza.given.shelved': () => accept(),
    'karn.proposals.made': (state, made, cx) => conclude(state, noteProposals(state.desk, made), cx),
    'tezzeret.blueprint.rejected': (state, news, cx) => conclude(state, receiveRejection(news), cx),
    'tezzeret.kernel.compiled': async (state, news, cx) => {
      const { events, toMeasure } = receiveKernel(state.desk, news);
      await store(state.desk.library, events, state.args.shelf, cx);
      cx.metrics.count(`esper_kernel_cache_${toMeasure ? 'misses' : 'hits'}_total`, 1, { tier: 'shelf' });
      if (toMeasure) state.args.bus.publish(TOPICS.kernelReady, toMeasure);
      return conclude(state, events, cx);
    },
    'urabrask.kernel.characterized': async (state, news, cx) => {
      const events = receiveCertificate(state.desk, news);
      await store(state.desk.library, events, state.args.shelf, cx);
      return conclude(state, events, cx);
    },
    'innovation.blueprint.quarantined': async (state, found, cx) => {
      const events: readonly UrzaEvent[] = [{ kind: 'quarantined', found }];
      await store(state.desk.library, events, state.args.shelf, cx);
      return accept(undefined, ...events);
    },
    'oona.message.died': (state, news, cx) => conclude(state, receiveDeath(news), cx),
    'urza.kernels.queried': ({ desk }, query) => accept(findKernels(desk.library, query)),
    'unit.state.wanted': ({ desk }, _, cx) => accept(packed(desk, cx.nowMs())),
  },
  evolve: (state, event) => ({ ...state, desk: evolve(state.desk, event) }),
});

/** From where the last node left off: nobody who waits for a catalogue has to ask again. @throws UNIT_STATE_INVALID */
async function goOn({ desk, args }: UrzaState, received: unknown, cx: Cx<UrzaMessage>): Promise<UrzaState> {
  const given = givenAs(UrzaGiven, 'urza', received) as UrzaGiven;
  const added = additions(given, desk.library);
  const library = stocked(desk.library, added);
  sayWhatIsMissing(missing(given, library), cx);
  await shelveGiven(added, library, args.shelf, cx);
  const requests = new Map(desk.requests);
  for (const request of reopened(given, cx.nowMs())) {
    const { requestId, dueAtMs } = request;
    requests.set(requestId, request);
    cx.after(dueAtMs - cx.nowMs(), { type: 'urza.request.expired', requestId });
  }
  return { desk: { library, requests }, args };
}

/** Whoever proposes them again gets them made again: no catalogue lacks them for long. */
function sayWhatIsMissing(kernels: readonly string[], { log, metrics }: Cx<UrzaMessage>): void {
  if (kernels.length === 0) return;
  metrics.count('esper_kernels_left_behind_total', kernels.length);
  const named = kernels.slice(0, NAMED);
  log.write(
    'warn',
    'kernels stayed on the shelf of the last node; they are made again when they are proposed',
    {
      count: kernels.length,
      kernels: named,
    },
  );
}

/** Answers every request that these events settle. */
function conclude({ desk, args }: UrzaState, events: readonly UrzaEvent[], cx: Cx<UrzaMessage>) {
  const settled = settledRequests(events.reduce(evolve, desk));
  for (const request of settled) args.bus.publish(TOPICS.catalogueReady, answer(request, cx.nowMs()), 1);
  const answered = settled.map(({ requestId }) => ({ kind: 'answered' as const, requestId }));
  return accept<UrzaEvent>(undefined, ...events, ...answered);
}
