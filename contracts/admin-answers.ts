/** What a cluster answers to those who command it, as schemas: scripts and the command line rely on these. */
import { type Static, Type } from '@sinclair/typebox';
import { Count, Reading, WallMs } from './units.ts';

const strict = { additionalProperties: false } as const;
const Text = Type.String();
const TextOrNull = Type.Union([Type.String(), Type.Null()]);
const CountOrNull = Type.Union([Count, Type.Null()]);

/** A command was carried out, or was put down to be carried out: the text says which. */
export const Done = Type.Object({ done: Text, details: Type.Record(Type.String(), Type.Unknown()) }, strict);
export type Done = Static<typeof Done>;

export const RunStatus = Type.Object(
  {
    runId: Text,
    node: Text,
    status: Text,
    epoch: Count,
    epochs: Count,
    step: Count,
    accuracy: Reading,
    loss: Reading,
    paused: Type.Boolean(),
  },
  strict,
);
export type RunStatus = Static<typeof RunStatus>;

export const StatusAnswer = Type.Object(
  {
    cluster: Text,
    /** Node on which the steward acts, and its fencing epoch; null while there is none. */
    steward: TextOrNull,
    stewardEpoch: CountOrNull,
    nodesUp: Count,
    nodesAway: Count,
    unitsPlaced: Count,
    unitsWaiting: Count,
    deadLetters: CountOrNull,
    runs: Type.Array(RunStatus),
    /** What a person should look at; empty when all is well. */
    warnings: Type.Array(Text),
  },
  strict,
);
export type StatusAnswer = Static<typeof StatusAnswer>;

export const NodeLine = Type.Object(
  {
    node: Text,
    epoch: Count,
    /** up, unreachable, dead, left ... */
    state: Text,
    cordoned: Type.Boolean(),
    labels: Type.Array(Text),
    units: Type.Array(Text),
    /** Share of its cores that is busy, 0 to 1. */
    load: Reading,
    /** Bytes. */
    memory: Reading,
  },
  strict,
);
export type NodeLine = Static<typeof NodeLine>;
export const NodesAnswer = Type.Object({ nodes: Type.Array(NodeLine) }, strict);
export type NodesAnswer = Static<typeof NodesAnswer>;

/** An actor and those below it, as its supervisor sees them. */
export const TreeBranch = Type.Recursive((Branch) =>
  Type.Object({ name: Text, state: Text, restarts: Count, note: Text, children: Type.Array(Branch) }, strict),
);
export type TreeBranch = Static<typeof TreeBranch>;
export const TreeAnswer = Type.Object(
  { nodes: Type.Array(Type.Object({ node: Text, root: TreeBranch }, strict)) },
  strict,
);
export type TreeAnswer = Static<typeof TreeAnswer>;

export const ActorLine = Type.Object(
  { unit: Text, node: TextOrNull, state: Text, epoch: CountOrNull, restarts: Count },
  strict,
);
export type ActorLine = Static<typeof ActorLine>;
export const ActorsAnswer = Type.Object({ units: Type.Array(ActorLine) }, strict);
export type ActorsAnswer = Static<typeof ActorsAnswer>;
export const ActorAnswer = Type.Object(
  {
    ...ActorLine.properties,
    facts: Type.Record(
      Type.String(),
      Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()]),
    ),
  },
  strict,
);
export type ActorAnswer = Static<typeof ActorAnswer>;

export const SeedLine = Type.Object(
  {
    seedId: Text,
    slotId: Text,
    stage: Text,
    blueprintId: TextOrNull,
    alpha: Type.Number(),
    contribution: Reading,
  },
  strict,
);
export type SeedLine = Static<typeof SeedLine>;
export const SeedsAnswer = Type.Object({ runId: Text, seeds: Type.Array(SeedLine) }, strict);
export type SeedsAnswer = Static<typeof SeedsAnswer>;

export const DeadLetterLine = Type.Object(
  { sequence: Count, topic: Text, reason: Text, bytes: Count, storedMs: WallMs },
  strict,
);
export type DeadLetterLine = Static<typeof DeadLetterLine>;
export const DeadLettersAnswer = Type.Object({ total: Count, letters: Type.Array(DeadLetterLine) }, strict);
export type DeadLettersAnswer = Static<typeof DeadLettersAnswer>;
export const DeadLetterAnswer = Type.Object(
  {
    ...DeadLetterLine.properties,
    headers: Type.Record(Type.String(), Type.String()),
    message: Type.Unknown({ description: 'as far as it can be read' }),
  },
  strict,
);
export type DeadLetterAnswer = Static<typeof DeadLetterAnswer>;

export const SettingLine = Type.Object(
  {
    key: Text,
    value: Type.Unknown(),
    /** Can be set while everything runs. */
    live: Type.Boolean(),
    about: Text,
  },
  strict,
);
export type SettingLine = Static<typeof SettingLine>;
export const SettingsAnswer = Type.Object({ settings: Type.Array(SettingLine) }, strict);
export type SettingsAnswer = Static<typeof SettingsAnswer>;
