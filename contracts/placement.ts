/** What runs where, as data: the units of a plan, the facts of a node, and the record all nodes agree on. */
import { type Static, Type } from '@sinclair/typebox';
import { Count, Millis } from './units.ts';

const closed = { additionalProperties: false };
const Word = { pattern: '^[a-z][a-z0-9_-]{0,63}$' };

export const UnitName = Type.String({ ...Word, description: 'what is placed as a whole, such as `karn`' });
export const NodeName = Type.String({ ...Word, description: 'one process of the cluster, such as `n1`' });
export const Label = Type.String({ ...Word, description: 'what a node is good for, such as `training`' });

const Units = Type.Array(UnitName, { maxItems: 256, uniqueItems: true });
const Labels = Type.Array(Label, { maxItems: 64, uniqueItems: true });

/** One actor or a group that is never split: placed, moved and lost as a whole. */
export const UnitSpec = Type.Object(
  {
    unit: UnitName,
    /** Names of the actors in it, for people. */
    actors: Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { minItems: 1, maxItems: 64 }),
    /** All of them a node must have. */
    labels: Labels,
    /** The only node that may run it. */
    pin: Type.Optional(NodeName),
    /** Units that must not be on its node. */
    apart: Units,
    /** Units it talks to a lot: low latency to theirs counts. */
    near: Units,
    needs: Type.Object(
      {
        /** Free memory, MiB. */
        memoryMb: Type.Optional(Type.Number({ minimum: 0 })),
        cores: Type.Optional(Type.Number({ minimum: 0 })),
        gpus: Type.Optional(Count),
      },
      closed,
    ),
    /** Other nodes that keep what it needs at hand, without acting. */
    warm: Type.Integer({ minimum: 0, maximum: 16 }),
    /** What a move takes along: the state in memory, or nothing but what was stored. */
    handover: Type.Union([Type.Literal('state'), Type.Literal('restart')]),
  },
  closed,
);
export type UnitSpec = Static<typeof UnitSpec>;

/** What shall run. The plan with the higher generation is the one that counts. */
export const PlacementPlan = Type.Object(
  {
    generation: Type.Integer({ minimum: 1 }),
    units: Type.Array(UnitSpec, { maxItems: 256 }),
  },
  closed,
);
export type PlacementPlan = Static<typeof PlacementPlan>;

/** `waiting` for the lease, `starting` with it, `running`, `moving` its state away, `stopping`. Only `running` takes messages. */
export const UnitPhase = Type.Union(
  (['waiting', 'starting', 'running', 'moving', 'stopping'] as const).map((phase) => Type.Literal(phase)),
);
export type UnitPhase = Static<typeof UnitPhase>;

/** One unit as its node sees it. */
export const HostedUnit = Type.Object(
  {
    unit: UnitName,
    phase: UnitPhase,
    /** Of the unit's lease; 0 while it waits for one. */
    epoch: Count,
    /** How much it is to its node; 1 unless said. */
    weight: Type.Optional(Type.Number({ minimum: 0 })),
  },
  closed,
);
export type HostedUnit = Static<typeof HostedUnit>;

/** What a node says of itself with every beat: enough to bid for it, to watch it and to find what runs there. */
export const NodeFacts = Type.Object(
  {
    v: Type.Literal(1),
    name: NodeName,
    labels: Labels,
    /** MiB, of the machine or of what the process may use. */
    memoryMb: Type.Number({ minimum: 0 }),
    freeMemoryMb: Type.Number({ minimum: 0 }),
    cores: Type.Number({ minimum: 0 }),
    /** Cores busy, averaged over a while. */
    load: Type.Number({ minimum: 0 }),
    gpus: Count,
    freeGpus: Count,
    /** Name and version of what computes there. */
    engine: Type.String({ maxLength: 128 }),
    /** How late the event loop runs. */
    loopDelayMs: Millis,
    /** Round trips to other nodes, by name. */
    latencyMs: Type.Record(Type.String(), Millis),
    /** Takes nothing new. */
    cordoned: Type.Boolean(),
    /** Longest wait for a turn of any task; an hour at most. */
    starvingMs: Type.Number({ minimum: 0, maximum: 3_600_000 }),
    /** It asks to be spared until that has eased well below; unless said, by `starvingMs` alone. */
    starving: Type.Optional(Type.Boolean()),
    /** Ready tasks for each step made; above 1 there is more in line than gets done. */
    overcommit: Type.Number({ minimum: 0, maximum: 1_000 }),
    /** Share of their time that tasks wait for the outside, 0 to 1. */
    ioHeat: Type.Number({ minimum: 0, maximum: 1 }),
    /** Units whose code is here. */
    able: Units,
    /** Units it keeps ready without acting. */
    warm: Units,
    units: Type.Array(HostedUnit, { maxItems: 256 }),
  },
  closed,
);
export type NodeFacts = Static<typeof NodeFacts>;

/** What all stewards, one after the other, go by. Written by compare-and-set, with the epoch of whoever wrote it. */
export const PlacementRecord = Type.Object(
  {
    v: Type.Literal(1),
    /** Of the steward that wrote it. */
    epoch: Type.Integer({ minimum: 1 }),
    plan: PlacementPlan,
    /** Units that shall not run for now. */
    stopped: Units,
    /** Nodes that get nothing new. */
    cordoned: Type.Array(NodeName, { maxItems: 1_024, uniqueItems: true }),
    /** Nodes that shall become empty; cordoned as well. */
    draining: Type.Array(NodeName, { maxItems: 1_024, uniqueItems: true }),
    /** Nodes that may end once they are empty; draining as well. Their next life is welcome again. */
    leaving: Type.Record(Type.String(), Count, { description: 'the life that leaves, by node' }),
    /** Where somebody wanted a unit to be moved; forgotten once it is there, or cannot be. */
    wished: Type.Record(Type.String(), NodeName),
  },
  closed,
);
export type PlacementRecord = Static<typeof PlacementRecord>;

/** Where a unit is, as far as the steward knows. */
export const Assignment = Type.Object(
  {
    unit: UnitName,
    /** Empty while nobody runs it. */
    node: Type.String({ maxLength: 64 }),
    /** Of the unit's lease. */
    epoch: Count,
    state: Type.Union(
      (['vacant', 'bidding', 'starting', 'running', 'moving', 'lost', 'stopped', 'given_up'] as const).map(
        (state) => Type.Literal(state),
      ),
    ),
    /** Why nobody runs it, when that is known: a code. */
    why: Type.String({ maxLength: 128 }),
  },
  closed,
);
export type Assignment = Static<typeof Assignment>;

/** What people may ask the steward for. It is accepted at once and done later: watch the status. */
export const PlacementCommand = Type.Union([
  Type.Object({ do: Type.Literal('move'), unit: UnitName, to: Type.Optional(NodeName) }, closed),
  Type.Object({ do: Type.Literal('restart'), unit: UnitName }, closed),
  Type.Object({ do: Type.Literal('stop'), unit: UnitName }, closed),
  Type.Object({ do: Type.Literal('start'), unit: UnitName }, closed),
  Type.Object({ do: Type.Literal('drain'), node: NodeName }, closed),
  Type.Object({ do: Type.Literal('cordon'), node: NodeName }, closed),
  Type.Object({ do: Type.Literal('uncordon'), node: NodeName }, closed),
  Type.Object({ do: Type.Literal('leave'), node: NodeName }, closed),
  Type.Object({ do: Type.Literal('plan'), plan: PlacementPlan }, closed),
]);
export type PlacementCommand = Static<typeof PlacementCommand>;
