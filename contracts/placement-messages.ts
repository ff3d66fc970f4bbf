/** What the steward and the agents of a cluster say to each other. Every order carries the steward's epoch; old ones are refused. */
import { type Static, Type } from '@sinclair/typebox';
import { type MessageOf, message } from './message.ts';
import {
  Assignment,
  HostedUnit,
  NodeFacts,
  NodeName,
  PlacementCommand,
  UnitName,
  UnitSpec,
} from './placement.ts';
import { Count } from './units.ts';

/** Epoch of the steward's own lease. */
const Epoch = Type.Integer({ minimum: 1 });
/** Which try of the steward's an order belongs to: reports name it again. */
const OrderId = Type.String({ minLength: 1, maxLength: 128 });
const Path = Type.String({ minLength: 1, maxLength: 1_024 });

/** Bytes of a state that one message carries, and messages that carry one state, at most. */
export const [STATE_PIECE_BYTES, STATE_PIECES] = [131_072, 256] as const;

/** "Who can run this unit?" Answered with a score or a refusal. */
export const BidWanted = message('placement.bid.wanted', 1, {
  epoch: Epoch,
  spec: UnitSpec,
  /** Where the units it wants to be near are now. */
  near: Type.Array(NodeName, { maxItems: 256 }),
});
export type BidWanted = MessageOf<typeof BidWanted>;

/** What a unit had in its hands when it left its last node. */
export const UnitGiven = Type.Object(
  {
    /** Of the lease under which it was taken: only the very next tenure may go on from it. */
    epoch: Type.Integer({ minimum: 1 }),
    /** Plain data; null when it has gone ahead in pieces. */
    state: Type.Unknown(),
    /** In how many; they were told under the same order. */
    pieces: Type.Optional(Type.Integer({ minimum: 1, maximum: STATE_PIECES })),
  },
  { additionalProperties: false },
);

export type UnitGiven = Static<typeof UnitGiven>;

/** "Run this unit, as soon as you hold its lease." Answered at once; what comes of it is reported. */
export const StartOrdered = message('placement.start.ordered', 1, {
  epoch: Epoch,
  order: OrderId,
  spec: UnitSpec,
  /** Whom to report to. */
  reportTo: Path,
  given: Type.Union([UnitGiven, Type.Null()]),
  /** Who gave it, and takes it back if it cannot start; empty when nobody did. */
  giver: Type.String({ maxLength: 1_024 }),
});
export type StartOrdered = MessageOf<typeof StartOrdered>;

/** "Keep this for the unit that you are about to be ordered to start": a piece of a state that no message is large enough for. */
export const StateCarried = message('placement.state.carried', 1, {
  epoch: Epoch,
  /** Of the order that is to come. */
  order: OrderId,
  unit: UnitName,
  /** Its place, 0-based; they come in order. */
  at: Type.Integer({ minimum: 0, maximum: STATE_PIECES - 1 }),
  bytes: Type.Uint8Array({ maxByteLength: STATE_PIECE_BYTES }),
});
export type StateCarried = MessageOf<typeof StateCarried>;

/** "Run it no more." */
export const StopOrdered = message('placement.stop.ordered', 1, {
  epoch: Epoch,
  unit: UnitName,
  why: Type.String({ maxLength: 512 }),
});
export type StopOrdered = MessageOf<typeof StopOrdered>;

/** "Hand this unit over to that node, and let go of it." */
export const MoveOrdered = message('placement.move.ordered', 1, {
  epoch: Epoch,
  order: OrderId,
  spec: UnitSpec,
  to: NodeName,
  reportTo: Path,
});
export type MoveOrdered = MessageOf<typeof MoveOrdered>;

/** "Keep exactly these units ready." */
export const WarmOrdered = message('placement.warm.ordered', 1, {
  epoch: Epoch,
  units: Type.Array(UnitName, { maxItems: 256 }),
});
export type WarmOrdered = MessageOf<typeof WarmOrdered>;

/** "Everything here has gone elsewhere: you may end." */
export const LeaveOrdered = message('placement.leave.ordered', 1, { epoch: Epoch });
export type LeaveOrdered = MessageOf<typeof LeaveOrdered>;

/** Where units are: said by the steward to all when something changed. */
export const Announced = message('placement.units.announced', 1, {
  epoch: Epoch,
  units: Type.Array(Type.Object({ unit: UnitName, node: NodeName, epoch: Count }), { maxItems: 256 }),
});
export type Announced = MessageOf<typeof Announced>;

/** What has become of an order, or of the unit it began. */
export const UnitReported = message('placement.unit.reported', 1, {
  order: OrderId,
  unit: UnitName,
  node: NodeName,
  what: Type.Union(
    (['running', 'refused', 'failed', 'down', 'stopped', 'kept'] as const).map((what) => Type.Literal(what)),
  ),
  /** Of the unit's lease; 0 when it never had one. */
  epoch: Count,
  /** Code and words, when it did not go well. */
  why: Type.String({ maxLength: 512 }),
});
export type UnitReported = MessageOf<typeof UnitReported>;

/** One message for a unit, on its way from the placed address of a node to the node the unit is on. */
export const MailCarried = message('placement.mail.carried', 1, {
  /** Whose mail it is, in which of its lives. */
  from: NodeName,
  life: Epoch,
  /** Rises whenever mail has come back: what is left of an older round is not taken any more. */
  round: Type.Integer({ minimum: 1 }),
  /** Place within the round, 1-based, without gaps. */
  seq: Type.Integer({ minimum: 1 }),
  /** Does somebody wait for its answer? */
  asks: Type.Boolean(),
  message: Type.Object(
    { type: Type.String({ minLength: 1, maxLength: 256 }) },
    { additionalProperties: true },
  ),
});
export type MailCarried = MessageOf<typeof MailCarried>;

/** "That question is in the mailbox": its answer may come much later. */
export const MailTaken = message('placement.mail.taken', 1, {
  life: Epoch,
  round: Type.Integer({ minimum: 1 }),
  seq: Type.Integer({ minimum: 1 }),
});
export type MailTaken = MessageOf<typeof MailTaken>;

/** A person wants something. */
export const CommandGiven = message('placement.command.given', 1, { command: PlacementCommand });
export type CommandGiven = MessageOf<typeof CommandGiven>;

/** "How is everything placed?" Answered with a `PlacementStatus`. */
export const StatusWanted = message('placement.status.wanted', 1, {});
export type StatusWanted = MessageOf<typeof StatusWanted>;

/** The steward's picture of the cluster. */
export const PlacementStatus = message('placement.status.told', 1, {
  /** Node and epoch of the steward. */
  steward: NodeName,
  epoch: Epoch,
  generation: Type.Integer({ minimum: 1 }),
  units: Type.Array(Assignment),
  nodes: Type.Array(
    Type.Object({
      name: NodeName,
      state: Type.Union([Type.Literal('up'), Type.Literal('unreachable')]),
      cordoned: Type.Boolean(),
      draining: Type.Boolean(),
      leaving: Type.Boolean(),
      units: Type.Array(HostedUnit),
      facts: NodeFacts,
    }),
  ),
});
export type PlacementStatus = MessageOf<typeof PlacementStatus>;
