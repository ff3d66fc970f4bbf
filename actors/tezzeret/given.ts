/** What Tezzeret takes along when he moves: how often compiling failed, and for how long the breaker has been open. */
import { type Static, Type } from '@sinclair/typebox';
import type { Breaker } from './breaker.ts';

export const TezzeretGiven = Type.Object(
  {
    failures: Type.Integer({ minimum: 0 }),
    /** Milliseconds: clocks of two processes have nothing in common but their pace. Null when it is closed. */
    openForMs: Type.Union([Type.Number({ minimum: 0 }), Type.Null()]),
  },
  { additionalProperties: false },
);
export type TezzeretGiven = Static<typeof TezzeretGiven>;

export const packed = ({ failures, openedAtMs }: Breaker, nowMs: number): TezzeretGiven => ({
  failures,
  openForMs: openedAtMs === null ? null : Math.max(0, nowMs - openedAtMs),
});

export const unpacked = ({ failures, openForMs }: TezzeretGiven, nowMs: number): Breaker => ({
  failures,
  openedAtMs: openForMs === null ? null : nowMs - openForMs,
});
