/** What a person may change in a run while it trains, and how the journal tells that they did. */
import { type Static, Type } from '@sinclair/typebox';
import { type MessageOf, message } from './message.ts';
import { Count, Epoch, SeedId, SlotId, Step } from './units.ts';

const strict = { additionalProperties: false } as const;

/** Who gave a command: the subject of the key that signed it, the role it was allowed by, and the request in the audit. */
export const CommandedBy = Type.Object(
  {
    who: Type.String({ maxLength: 256 }),
    role: Type.String({ maxLength: 64 }),
    request: Type.String({ maxLength: 256 }),
    reason: Type.String({ maxLength: 500, description: 'as they gave it; empty when they gave none' }),
  },
  strict,
);
export type CommandedBy = Static<typeof CommandedBy>;

/** Values of live settings by their dotted keys; which there are, and what each may be, is Tolaria's to say. */
export const RunSettings = Type.Record(Type.String({ maxLength: 128 }), Type.Number());
export type RunSettings = Static<typeof RunSettings>;

export const RunCommand = Type.Union([
  Type.Object(
    {
      do: Type.Literal('germinate'),
      slotId: SlotId,
      /** Null: the one that scores best there. */
      blueprintId: Type.Union([Type.String({ minLength: 1, maxLength: 128 }), Type.Null()]),
    },
    strict,
  ),
  Type.Object({ do: Type.Literal('cull'), seedId: SeedId }, strict),
  Type.Object(
    {
      do: Type.Literal('rollback'),
      /** Seeds to be taken out on the way back, their blueprints quarantined, as those that Tolaria finds guilty. */
      blame: Type.Array(SeedId, { maxItems: 64 }),
    },
    strict,
  ),
  Type.Object({ do: Type.Literal('set'), settings: RunSettings }, strict),
]);
export type RunCommand = Static<typeof RunCommand>;

/** Why a guard said no. */
export const CommandRefusal = Type.Object(
  { code: Type.String(), message: Type.String(), hint: Type.String() },
  strict,
);
export type CommandRefusal = Static<typeof CommandRefusal>;

/**
 * A command by hand, at the place where it acted or was refused: training repeated from the journal gives it again there.
 * At a boundary, but for `rollback`, which acts before the step after `step`.
 */
export const RunCommanded = message('tolaria.run.commanded', 1, {
  /** Counted from 1 within the run. */
  number: Count,
  boundary: Count,
  epoch: Epoch,
  step: Step,
  command: RunCommand,
  by: CommandedBy,
  refused: Type.Union([CommandRefusal, Type.Null()]),
  /** What came of it, in a sentence. */
  text: Type.String(),
});
export type RunCommanded = MessageOf<typeof RunCommanded>;
