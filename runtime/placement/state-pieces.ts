/** A unit's state on its way to another node: with the order where that is large enough, ahead of it in pieces where not. */
import { decode, encode } from '../../contracts/codec.ts';
import { CODEC_LIMITS } from '../../contracts/codec-guard.ts';
import { EsperError } from '../../contracts/failure.ts';
import { STATE_PIECE_BYTES, STATE_PIECES, type UnitGiven } from '../../contracts/placement-messages.ts';

/** Bytes of a state, encoded, beyond which it does not travel. */
export const STATE_BYTES = STATE_PIECE_BYTES * STATE_PIECES;
const LIMITS = { ...CODEC_LIMITS, bytes: STATE_BYTES };

export interface Loaded {
  /** What the order says of it. */
  readonly given: UnitGiven;
  /** What goes ahead, in this order; none where the order holds it all. */
  readonly pieces: readonly Uint8Array[];
}

/** @throws PLACEMENT_STATE_TOO_LARGE, CODEC_UNENCODABLE */
export function loaded(unit: string, { epoch, state }: UnitGiven): Loaded {
  const bytes = encoded(unit, state);
  if (bytes.length <= STATE_PIECE_BYTES) return { given: { epoch, state }, pieces: [] };
  const pieces = Array.from({ length: Math.ceil(bytes.length / STATE_PIECE_BYTES) }, (_, at) =>
    bytes.slice(at * STATE_PIECE_BYTES, (at + 1) * STATE_PIECE_BYTES),
  );
  return { given: { epoch, state: null, pieces: pieces.length }, pieces };
}

/** @throws CODEC_MALFORMED, CODEC_TOO_LARGE */
export function unloaded(pieces: readonly Uint8Array[]): unknown {
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return decode(bytes, LIMITS);
}

function encoded(unit: string, state: unknown): Uint8Array {
  try {
    return encode(state, LIMITS);
  } catch (cause) {
    if (!(cause instanceof EsperError) || cause.code !== 'CODEC_TOO_LARGE') throw cause;
    throw new EsperError(
      'PLACEMENT_STATE_TOO_LARGE',
      `what ${unit} holds is over ${STATE_BYTES} bytes, so it stays where it is`,
      { unit, ...cause.details },
      { cause, hint: 'With handover: restart it moves with nothing but what was stored.' },
    );
  }
}
