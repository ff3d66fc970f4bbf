/** Karn invents: he proposes blueprints and learns from the field which ones to leave alone. */
import {
  type Activation,
  type BlueprintIR,
  BlueprintProposed,
  type BlueprintQuarantined,
  type FieldReport,
  ProposalsMade,
  type ProposalsWanted,
  type RowKind,
  TOPICS,
} from '../../contracts/index.ts';
import type { Bus } from '../../runtime/index.ts';
import { accept, defineActor } from '../../runtime/local.ts';
import { givenAs, type StateWanted } from '../state-wanted.ts';
import { evolve, type KarnEvent, type Memory, noMemory, propose, weigh } from './behaviour.ts';
import { KarnGiven, packed, unpacked } from './given.ts';
import { type KarnOptions, karnOptions } from './options.ts';
import { poisonedBlueprints } from './poisoned.ts';

export interface KarnArgs {
  readonly bus: Bus;
  /** Plans for hosts with this activation and such rows. */
  readonly templates: (activation: Activation, rows: RowKind) => readonly BlueprintIR[];
  readonly options?: Partial<KarnOptions>;
  /** What Karn had learned on the node he came from, unchecked. */
  readonly given?: unknown;
}

interface KarnState {
  readonly memory: Memory;
  readonly args: KarnArgs;
  readonly options: KarnOptions;
}

export const karn = defineActor<
  KarnState,
  ProposalsWanted | FieldReport | BlueprintQuarantined | StateWanted,
  KarnEvent,
  KarnArgs
>({
  name: 'karn',
  fresh: (_, args) => ({
    memory: args.given === undefined ? noMemory : unpacked(givenAs(KarnGiven, 'karn', args.given)),
    args,
    options: { ...karnOptions, ...args.options },
  }),
  decide: {
    'karn.proposals.wanted': ({ memory, args: { bus, templates }, options }, wanted, cx) => {
      const { requestId, activation, rows } = wanted;
      const poisoned = poisonedBlueprints(wanted.poisoned);
      const { proposed, skipped } = propose(memory, wanted, templates(activation, rows), poisoned, options);
      const submit = (blueprint: BlueprintIR) =>
        bus.publish(TOPICS.blueprintSubmitted, BlueprintProposed.of({ requestId, blueprint, parents: [] }));
      const turnedAway = proposed.filter((blueprint) => !submit(blueprint)).map(({ id }) => id);
      const made = ProposalsMade.of({
        requestId,
        blueprintIds: proposed.map(({ id }) => id).filter((id) => !turnedAway.includes(id)),
        skipped: [...skipped, ...turnedAway.map((blueprintId) => ({ blueprintId, reasons: ['queue_full'] }))],
      });
      bus.publish(TOPICS.proposalsMade, made, 1);
      cx.metrics.count('esper_blueprints_proposed_total', proposed.length);
      return accept({ proposed: proposed.length, skipped: skipped.length });
    },
    'tamiyo.field_report.issued': ({ memory, options }, report) =>
      accept(undefined, ...weigh(memory, report, options)),
    'innovation.blueprint.quarantined': (_, { blueprintId }) =>
      accept(undefined, { kind: 'barred', blueprintId }),
    'unit.state.wanted': ({ memory }) => accept(packed(memory)),
  },
  evolve: (state, event) => ({ ...state, memory: evolve(state.memory, event) }),
});
