/** Pieces of states that came ahead of the orders they belong to: kept in order, bounded, and not for long. */
import { EsperError, type Refusal } from '../../contracts/failure.ts';
import type { StartOrdered, StateCarried } from '../../contracts/placement-messages.ts';
import { isRefusal, refuse } from '../actor/decision.ts';
import { STATE_BYTES, unloaded } from './state-pieces.ts';

/** Bytes that wait on one node, of all units together. */
const WAITING_BYTES = 2 * STATE_BYTES;

interface Parcel {
  readonly order: string;
  readonly pieces: Uint8Array[];
  heardMs: number;
}

export class Parcels {
  /** By unit: whoever gives it anew begins anew. */
  readonly #parcels = new Map<string, Parcel>();
  #bytes = 0;

  /** Keeps a piece, or says why not; one that is there already changes nothing. */
  put({ unit, order, at, bytes }: StateCarried, nowMs: number): Refusal | undefined {
    if (at === 0 && this.#parcels.get(unit)?.order !== order) this.drop(unit);
    const parcel = this.#parcels.get(unit) ?? { order, pieces: [], heardMs: nowMs };
    if (parcel.order !== order || at > parcel.pieces.length)
      return broken(unit, { missing: parcel.pieces.length });
    parcel.heardMs = nowMs;
    if (at < parcel.pieces.length) return undefined;
    if (this.#bytes + bytes.length > WAITING_BYTES)
      return refuse('PLACEMENT_STATE_CROWDED', { unit, waiting: this.#bytes }) as Refusal;
    this.#parcels.set(unit, parcel);
    parcel.pieces.push(bytes);
    this.#bytes += bytes.length;
    return undefined;
  }

  /** The order with the state it is about, which is not kept any more; or why there is none. */
  whole(order: StartOrdered): StartOrdered | Refusal {
    const { given, spec } = order;
    const parcel = this.#parcels.get(spec.unit);
    if (given?.pieces === undefined) return order;
    this.drop(spec.unit);
    if (parcel?.order !== order.order || parcel.pieces.length !== given.pieces)
      return broken(spec.unit, { missing: given.pieces - (parcel?.pieces.length ?? 0) });
    const state = read(spec.unit, parcel.pieces);
    return isRefusal(state) ? state : { ...order, given: { epoch: given.epoch, state: state.state } };
  }

  /** Those of which nothing was heard since then: whoever gave them has thought better of it, or is gone. */
  dropBefore(heardMs: number): void {
    for (const [unit, parcel] of this.#parcels) if (parcel.heardMs < heardMs) this.drop(unit);
  }

  drop(unit: string): void {
    const parcel = this.#parcels.get(unit);
    if (parcel === undefined) return;
    this.#parcels.delete(unit);
    this.#bytes -= parcel.pieces.reduce((sum, piece) => sum + piece.length, 0);
  }
}

function read(unit: string, pieces: readonly Uint8Array[]): { readonly state: unknown } | Refusal {
  try {
    return { state: unloaded(pieces) };
  } catch (thrown) {
    if (!(thrown instanceof EsperError)) throw thrown;
    return broken(unit, { why: thrown.code });
  }
}

const broken = (unit: string, details: Record<string, unknown>): Refusal =>
  refuse('PLACEMENT_STATE_BROKEN', { unit, ...details }) as Refusal;
