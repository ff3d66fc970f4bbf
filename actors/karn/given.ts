/** What Karn takes along when he moves: what the field has taught him. */
import { type Static, Type } from '@sinclair/typebox';
import type { Memory } from './behaviour.ts';

export const KarnGiven = Type.Object(
  {
    penalties: Type.Record(Type.String(), Type.Number({ minimum: 0 })),
    reportEpoch: Type.Union([Type.String(), Type.Null()]),
    barred: Type.Array(Type.String()),
  },
  { additionalProperties: false },
);
export type KarnGiven = Static<typeof KarnGiven>;

export const packed = ({ penalties, reportEpoch, barred }: Memory): KarnGiven => ({
  penalties: { ...penalties },
  reportEpoch,
  barred: [...barred],
});

export const unpacked = ({ penalties, reportEpoch, barred }: KarnGiven): Memory => ({
  penalties,
  reportEpoch,
  barred: new Set(barred),
});
