/** The JSON that commands print, as schemas: scripts rely on these, so changing one is a decision. */
import { type Static, type TProperties, Type } from '@sinclair/typebox';
import {
  Candidate,
  FaultConfig,
  GateResult,
  Reading,
  RunCommand,
  RunConfig,
  RunEnded,
} from '../../contracts/index.ts';

const strict = { additionalProperties: false } as const;
const Text = Type.String();
const Whole = Type.Integer({ minimum: 0 });
const OrNull = <const T extends ReturnType<typeof Type.String> | ReturnType<typeof Type.Number>>(schema: T) =>
  Type.Union([schema, Type.Null()]);

const document = <const K extends string, const T extends TProperties>(kind: K, fields: T) =>
  Type.Object({ apiVersion: Type.Literal('esper/v1'), kind: Type.Literal(kind), ...fields }, strict);

const Moment = { boundary: Whole, epoch: Whole } as const;

/** What a person commanded in a run: who, what, and what came of it. */
export const ByHand = Type.Object(
  {
    ...Moment,
    number: Whole,
    step: Whole,
    command: RunCommand,
    who: Text,
    role: Text,
    request: Text,
    reason: Text,
    /** Code of the guard that refused it. */
    refused: OrNull(Text),
    text: Text,
  },
  strict,
);
export type ByHand = Static<typeof ByHand>;

export const RunLine = Type.Object(
  {
    runId: Text,
    name: Text,
    dataset: Text,
    outcome: Text,
    epoch: Whole,
    epochs: Whole,
    accuracy: Reading,
    loss: Reading,
    parametersAtBirth: OrNull(Type.Number()),
    parameters: OrNull(Type.Number()),
    fossilized: Whole,
    culled: Whole,
    startedAtMs: Type.Number(),
  },
  strict,
);
export type RunLine = Static<typeof RunLine>;

export const RunView = Type.Object(
  {
    ...RunLine.properties,
    backend: Text,
    engine: Text,
    seed: Whole,
    boundaries: Whole,
    initialAccuracy: Reading,
    initialLoss: Reading,
    germinated: Whole,
    testAccuracy: Reading,
    testLoss: Reading,
    accuracyCurve: Type.Array(Type.Number()),
    hookMsP95: Reading,
    multiplyAdds: Type.Number(),
    rollbacks: Type.Array(
      Type.Object(
        { reason: Text, atStep: Whole, toStep: Whole, guilty: Type.Array(Text), ms: Type.Number() },
        strict,
      ),
    ),
    byHand: Type.Array(ByHand),
    faults: Type.Array(Type.Object({ step: Whole, who: Text, what: Text, injected: Type.Boolean() }, strict)),
    resumes: Type.Array(
      Type.Object(
        { fromBoundary: Type.Union([Whole, Type.Null()]), verified: Whole, recoveryMs: Type.Number() },
        strict,
      ),
    ),
    checkpoints: Whole,
    lastCheckpoint: OrNull(Text),
    faultPlan: Type.Array(FaultConfig),
  },
  strict,
);
export type RunView = Static<typeof RunView>;

export const SeedHistory = Type.Object(
  {
    seedId: Text,
    slotId: Text,
    blueprintId: Text,
    born: Type.Object(Moment, strict),
    stage: Text,
    alpha: Type.Number(),
    parameters: Whole,
    contribution: Reading,
    cullReason: OrNull(Text),
    undone: Type.Boolean(),
    stages: Type.Array(Type.Object({ ...Moment, stage: Text }, strict)),
  },
  strict,
);
export type SeedHistory = Static<typeof SeedHistory>;

export const SeedTrace = Type.Object(
  {
    seedId: Text,
    slotId: Text,
    blueprintId: Text,
    outcome: Text,
    contribution: Reading,
    cullReason: OrNull(Text),
    undone: Type.Boolean(),
    planted: Type.Union([
      Type.Object(
        {
          ...Moment,
          decisionId: Text,
          trigger: Text,
          reason: Text,
          confidence: Type.Number(),
          expectedImpact: Reading,
          inputs: Type.Record(Text, Reading),
          chosen: Type.Union([Candidate, Type.Null()]),
          candidates: Type.Array(Candidate),
        },
        strict,
      ),
      Type.Null(),
    ]),
    gates: Type.Array(Type.Object({ ...Moment, from: Text, to: Text, gate: GateResult }, strict)),
    later: Type.Array(Type.Object({ ...Moment, type: Text, trigger: Text, reason: Text }, strict)),
  },
  strict,
);
export type SeedTrace = Static<typeof SeedTrace>;

const Problem = Type.Object({ code: Text, place: Text, text: Text, hint: Text }, strict);
const CheckResult = Type.Object(
  {
    name: Text,
    state: Type.Union([Type.Literal('ok'), Type.Literal('warning'), Type.Literal('failed')]),
    finding: Text,
    next: Text,
  },
  strict,
);
export type CheckResult = Static<typeof CheckResult>;

/** Every document by its kind. */
export const DOCUMENTS = {
  RunList: document('RunList', { runs: Type.Array(RunLine) }),
  Run: document('Run', { folder: Text, run: RunView }),
  SeedList: document('SeedList', { runId: Text, seeds: Type.Array(SeedHistory) }),
  DecisionTrace: document('DecisionTrace', {
    runId: Text,
    seeds: Type.Array(SeedTrace),
    waits: Type.Record(Text, Whole),
    byHand: Type.Array(ByHand),
  }),
  RunSummary: document('RunSummary', {
    runId: Text,
    folder: Text,
    ended: RunEnded.schema,
    files: Type.Record(Text, Text),
    initialAccuracy: Reading,
    initialLoss: Reading,
    rollbacks: Type.Array(Type.Object({ reason: Text, ms: Type.Number() }, strict)),
    decisions: Type.Array(Type.Object({ epoch: Whole, text: Text }, strict)),
    startMs: Type.Number(),
  }),
  ConfigReport: document('ConfigReport', {
    file: Text,
    valid: Type.Boolean(),
    problems: Type.Array(Problem),
    config: Type.Union([RunConfig, Type.Null()]),
  }),
  Setting: document('Setting', {
    path: Text,
    about: Text,
    wants: Text,
    default: Type.Optional(Type.Unknown()),
    value: Type.Unknown(),
    origin: Text,
    inside: Type.Array(Text),
  }),
  DataSetList: document('DataSetList', {
    dataSets: Type.Array(
      Type.Object(
        {
          name: Text,
          about: Text,
          state: Text,
          folder: OrNull(Text),
          rows: Type.Union([Type.Object({ train: Whole, test: Whole }, strict), Type.Null()]),
          bytes: Whole,
          verified: Type.Boolean(),
        },
        strict,
      ),
    ),
  }),
  DataSet: document('DataSet', {
    dataset: Text,
    folder: Text,
    credit: Text,
    files: Type.Array(Type.Object({ name: Text, from: OrNull(Text) }, strict)),
  }),
  Journal: document('Journal', {
    folder: Text,
    ok: Type.Boolean(),
    records: Whole,
    segments: Type.Array(
      Type.Object({ file: Text, version: Whole, first: Whole, last: Whole, bytes: Whole }, strict),
    ),
    marks: Type.Object({ good: Whole, stale: Whole }, strict),
    damage: Type.Union([
      Type.Object(
        { kind: Text, segment: Text, offset: Whole, sequence: Whole, reason: Text, bytes: Whole },
        strict,
      ),
      Type.Null(),
    ]),
  }),
  JournalCut: document('JournalCut', { folder: Text, last: Whole, keptIn: Type.Array(Text) }),
  JournalRecords: document('JournalRecords', {
    folder: Text,
    records: Type.Array(
      Type.Object(
        { sequence: Whole, segment: Text, offset: Whole, type: Text, bytes: Whole, message: Type.Unknown() },
        strict,
      ),
    ),
  }),
  AdminAnswer: document('AdminAnswer', {
    command: Text,
    node: Text,
    request: Text,
    again: Type.Boolean(),
    result: Type.Unknown(),
  }),
  AdminVerbs: document('AdminVerbs', {
    verbs: Type.Array(
      Type.Object(
        {
          name: Text,
          about: Text,
          roles: Type.Array(Text),
          effect: Text,
          where: Text,
          args: Type.Unknown(),
        },
        strict,
      ),
    ),
  }),
  KeysMade: document('KeysMade', {
    folder: Text,
    cluster: Text,
    nodes: Type.Array(Text),
    roles: Type.Array(Text),
    files: Type.Array(Type.Object({ path: Text, secret: Type.Boolean() }, strict)),
  }),
  KeysRotated: document('KeysRotated', {
    folder: Text,
    /** A node, or the user of a role; null when only what is over was taken out. */
    user: OrNull(Text),
    made: Type.Boolean(),
    /** Until when the old keys are good, UTC milliseconds. */
    untilMs: OrNull(Type.Number()),
    expired: Type.Array(Text),
    files: Type.Array(Text),
  }),
  KeyBundle: document('KeyBundle', { node: Text, out: Text, files: Type.Array(Text) }),
  KeyList: document('KeyList', {
    folder: Text,
    cluster: Text,
    keys: Type.Array(Type.Object({ kid: Text, who: Text, roles: Type.Array(Text) }, strict)),
  }),
  AuditReport: document('AuditReport', {
    folder: Text,
    ok: Type.Boolean(),
    entries: Whole,
    signedTo: OrNull(Type.Number()),
    damage: Type.Union([
      Type.Object({ file: Text, line: Whole, seq: Whole, why: Text }, strict),
      Type.Null(),
    ]),
  }),
  Doctor: document('Doctor', { state: Text, checks: Type.Array(CheckResult) }),
  ErrorCode: document('ErrorCode', { code: Text, meaning: Text, next: Text, exit: Whole }),
  Failure: document('Failure', {
    code: Text,
    message: Text,
    why: OrNull(Text),
    hint: Text,
    details: Type.Record(Text, Type.Unknown()),
  }),
} as const;

export type DocumentKind = keyof typeof DOCUMENTS;
type Frozen<T> = T extends object ? { readonly [K in keyof T]: Frozen<T[K]> } : T;
type Fields<K extends DocumentKind> = Frozen<Omit<Static<(typeof DOCUMENTS)[K]>, 'apiVersion' | 'kind'>>;

/** Stamps version and kind on a document's fields. */
export const documentOf = <K extends DocumentKind>(kind: K, fields: Fields<K>) => ({
  apiVersion: 'esper/v1' as const,
  kind,
  ...fields,
});
