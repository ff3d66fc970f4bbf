/** Messages as bytes and back: packed together, and believed only as far as they fit the contract. */
import { BUS_PARCEL_VERSION, BusParcel, decode, EsperError, encode } from '../../contracts/index.ts';
import { checkerOf } from '../../runtime/checker.ts';
import type { BusBody, BusMessage } from '../../runtime/index.ts';

/** One message as its sender hands it over. */
export interface Said {
  readonly body: BusBody;
  readonly id?: string;
  readonly leftMs?: number;
}

export interface ParcelHead {
  readonly topic: string;
  readonly priority: number;
  readonly sentMs: number;
  readonly only?: string;
}

export interface Opened {
  readonly message: BusMessage;
  /** Milliseconds from sending until nobody wants it any more. */
  readonly leftMs?: number;
}

export interface OpenedParcel extends ParcelHead {
  readonly from: string;
  readonly said: readonly Opened[];
}

/** Why something that arrived was not believed. */
export type Disbelief = 'malformed' | 'version' | 'contract';

const checker = checkerOf(BusParcel);

/** The one who writes parcels on behalf of a life of a node. */
export class Author {
  readonly #node: string;
  readonly #epoch: number;
  #seq = 0;

  constructor(node: string, epoch: number) {
    this.#node = node;
    this.#epoch = epoch;
  }

  /** The number of the next message. */
  next(): number {
    return ++this.#seq;
  }

  /** What a message is called that nobody named. */
  idOf(seq: number): string {
    return idOf(this.#node, this.#epoch, seq);
  }

  /**
   * @param said with the numbers that `next` gave
   * @throws CODEC_UNENCODABLE
   */
  pack(head: ParcelHead, said: ReadonlyArray<Said & { readonly seq: number }>): Uint8Array {
    return encode({ v: BUS_PARCEL_VERSION, from: this.#node, epoch: this.#epoch, ...head, said });
  }
}

/** What the bytes say, or why they are not believed. Never throws. */
export function open(bytes: Uint8Array): OpenedParcel | Disbelief {
  const parcel = decoded(bytes);
  if (parcel === undefined) return 'malformed';
  if (!checker.check(parcel)) return versionOf(parcel) === BUS_PARCEL_VERSION ? 'contract' : 'version';
  const { from, epoch, topic, priority, sentMs, only, said } = parcel;
  return {
    from,
    topic,
    priority,
    sentMs,
    ...(only === undefined ? {} : { only }),
    said: said.map(({ seq, id, leftMs, body }) => ({
      message: { topic, body, priority, id: id ?? idOf(from, epoch, seq) },
      ...(leftMs === undefined ? {} : { leftMs }),
    })),
  };
}

const idOf = (node: string, epoch: number, seq: number) => `${node}.${epoch}.${seq}`;

const versionOf = (parcel: unknown) => (parcel as { v?: unknown } | null)?.v;

function decoded(bytes: Uint8Array): unknown {
  try {
    return decode(bytes) ?? null;
  } catch (thrown) {
    if (thrown instanceof EsperError) return undefined;
    throw thrown;
  }
}
