/** How a blueprint becomes a kernel that Tamiyo may choose: proposed, compiled, characterized, shelved. */
import { type Static, Type } from '@sinclair/typebox';
import { Activation, BlueprintIR, CatalogueEntry, Certificate, Kernel, RowKind, Span } from './blueprint.ts';
import { type MessageOf, message } from './message.ts';
import { BlueprintId, Count, KernelId, Millis } from './units.ts';

/** One preparation of a catalogue, from the request to the answer. */
const RequestId = Type.String({ minLength: 1, maxLength: 64 });

/** Says why a blueprint may not be used: stable words, such as `gradient_vanishes`. */
export const QuarantinedBlueprint = Type.Object({
  blueprintId: BlueprintId,
  reasons: Type.Array(Type.String()),
});
export type QuarantinedBlueprint = Static<typeof QuarantinedBlueprint>;

const Wanted = {
  requestId: RequestId,
  /** What the host's hidden layers use: templates follow it. */
  activation: Activation,
  /** What rows are inside the host: some templates need places. */
  rows: RowKind,
  /** Families and spans to offer; empty means all. */
  families: Type.Array(Type.String()),
  spans: Type.Array(Span),
  /** How many harmful blueprints the fault plan slips in. Only Karn knows which ones they are. */
  poisoned: Count,
};

/** "Make me a catalogue": answered by one `CatalogueReady` on the bus, at the deadline at the latest. */
export const CatalogueRequested = message('urza.catalogue.requested', 1, { ...Wanted, withinMs: Millis });
export type CatalogueRequested = MessageOf<typeof CatalogueRequested>;

export const ProposalsWanted = message('karn.proposals.wanted', 1, Wanted);
export type ProposalsWanted = MessageOf<typeof ProposalsWanted>;

/** A plan and what it descends from. Nothing in it has been believed yet. */
export const BlueprintProposed = message('karn.blueprint.proposed', 1, {
  requestId: RequestId,
  blueprint: BlueprintIR,
  parents: Type.Array(BlueprintId),
});
export type BlueprintProposed = MessageOf<typeof BlueprintProposed>;

/** All of a request's proposals are out: this is what there is to wait for. */
export const ProposalsMade = message('karn.proposals.made', 1, {
  requestId: RequestId,
  blueprintIds: Type.Array(BlueprintId),
  skipped: Type.Array(QuarantinedBlueprint),
});
export type ProposalsMade = MessageOf<typeof ProposalsMade>;

/** Tezzeret could not make a kernel of it: the plan is not valid, or compiling failed twice. */
export const BlueprintRejected = message('tezzeret.blueprint.rejected', 1, {
  requestId: RequestId,
  blueprintId: BlueprintId,
  reasons: Type.Array(Type.String()),
});
export type BlueprintRejected = MessageOf<typeof BlueprintRejected>;

export const KernelCompiled = message('tezzeret.kernel.compiled', 1, {
  requestId: RequestId,
  kernel: Kernel,
  parents: Type.Array(BlueprintId),
});
export type KernelCompiled = MessageOf<typeof KernelCompiled>;

/** On the shelf, without a certificate for this engine: to be measured. */
export const KernelReady = message('urza.kernel.ready', 1, { requestId: RequestId, kernel: Kernel });
export type KernelReady = MessageOf<typeof KernelReady>;

export const KernelCharacterized = message('urabrask.kernel.characterized', 1, {
  requestId: RequestId,
  certificate: Certificate,
  /** The versions under which it was measured; another engine measures again. */
  engine: Type.String(),
});
export type KernelCharacterized = MessageOf<typeof KernelCharacterized>;

/** The field found it harmful: never to be chosen again, in this run or a later one. `by` names who found out. */
export const BlueprintQuarantined = message('innovation.blueprint.quarantined', 1, {
  blueprintId: BlueprintId,
  reasons: Type.Array(Type.String()),
  by: Type.String(),
});
export type BlueprintQuarantined = MessageOf<typeof BlueprintQuarantined>;

/** Certified kernels in order of blueprint id, what was kept out and why, and what was not done in time. */
export const CatalogueReady = message('urza.catalogue.ready', 1, {
  requestId: RequestId,
  catalogue: Type.Array(CatalogueEntry),
  quarantined: Type.Array(QuarantinedBlueprint),
  late: Type.Array(BlueprintId),
  /** How many certificates came from the shelf instead of the bench. */
  fromShelf: Count,
  tookMs: Millis,
});
export type CatalogueReady = MessageOf<typeof CatalogueReady>;

/** What to look for on the shelf. Empty lists and nulls mean "any". */
export const KernelsQueried = message('urza.kernels.queried', 1, {
  kernelId: Type.Union([KernelId, Type.Null()]),
  families: Type.Array(Type.String()),
  spans: Type.Array(Span),
  requiredTags: Type.Array(Type.String()),
  excludedTags: Type.Array(Type.String()),
});
export type KernelsQueried = MessageOf<typeof KernelsQueried>;
