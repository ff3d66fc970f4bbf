/** Every number and name that crosses a border, with its meaning. Units are part of the name. */
import { type Static, Type } from '@sinclair/typebox';

export const RunId = Type.String({
  pattern: '^[a-z0-9][a-z0-9-]{2,63}$',
  description: 'name of one training run',
});
export const SlotId = Type.String({
  minLength: 1,
  maxLength: 64,
  description: 'a place in the host, such as `h1/widen`',
});
export const SeedId = Type.String({
  minLength: 1,
  maxLength: 64,
  description: 'one life in a slot, such as `s7`',
});
export const BlueprintId = Type.String({
  minLength: 1,
  maxLength: 128,
  description: 'name of a plan a seed can follow',
});
export const KernelId = Type.String({
  pattern: '^sha256:[0-9a-f]{64}(-[a-z]+)?$',
  description: 'hash of a compiled blueprint',
});
export const Epoch = Type.Integer({ minimum: 0, description: 'host epochs completed, 0-based' });
export const Step = Type.Integer({ minimum: 0, description: 'optimiser steps completed, 0-based' });
export const Alpha = Type.Number({
  minimum: 0,
  maximum: 1,
  description: "a seed's share of the output, 0 to 1",
});
export const Count = Type.Integer({ minimum: 0 });
export const Millis = Type.Number({ minimum: 0, description: 'milliseconds' });
export const WallMs = Type.Number({
  minimum: 0,
  description: 'UTC milliseconds since 1970; for display only',
});
export const Finite = Type.Number({ description: 'a finite number' });
/** A reading that may be missing because it was not taken or was not finite. Never a fake zero. */
export const Reading = Type.Union([Type.Number(), Type.Null()]);
export const Digest = Type.String({ pattern: '^[0-9a-f]{8,64}$', description: 'checksum in hex' });

export type RunId = Static<typeof RunId>;
export type SlotId = Static<typeof SlotId>;
export type SeedId = Static<typeof SeedId>;
export type BlueprintId = Static<typeof BlueprintId>;
export type KernelId = Static<typeof KernelId>;
