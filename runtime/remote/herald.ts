/** Says who this node is: with every beat, and sooner to those who do not know it yet. */
import { encode } from '../../contracts/codec.ts';
import type { NodeIdentity } from '../actor/kernel.ts';
import type { Clock } from '../ports/clock.ts';
import type { Transport } from '../ports/transport.ts';
import { BEAT_VERSION, type Beat, HEARD_AT_ONCE } from './envelope.ts';
import { openEnvelope } from './gate.ts';

/** Milliseconds between two greetings at least, however many strangers speak. */
const GREET_MS = 50;

export interface HeraldWorld {
  readonly clock: Clock;
  readonly transport: Transport;
  readonly subject: string;
  readonly node: NodeIdentity;
  readonly protocol: string;
  readonly inventory: (() => Readonly<Record<string, unknown>>) | undefined;
  /** Whom this node hears, now. */
  hears(): Beat['hears'];
  /** Others would not let the inventory in, or it could not be made: the beat goes without it. */
  unsayable(why: string): void;
}

export class Herald {
  readonly #world: HeraldWorld;
  #count = 0;
  #spokeMs = Number.NEGATIVE_INFINITY;
  #cancelGreeting: (() => void) | null = null;

  constructor(world: HeraldWorld) {
    this.#world = world;
  }

  /** A beat. With `leaving` it is the last word of this life. */
  beat(leaving = false): void {
    const { clock, transport, subject } = this.#world;
    this.#spokeMs = clock.nowMs();
    if (transport.connected) transport.publish(subject, this.#written(leaving));
  }

  /** A beat out of turn, for those who do not know this node yet; now, or when enough time has passed since the last. */
  greet(): void {
    if (this.#cancelGreeting !== null) return;
    const { clock } = this.#world;
    const waitMs = Math.max(0, this.#spokeMs + GREET_MS - clock.nowMs());
    this.#cancelGreeting = clock.after(waitMs, () => {
      this.#cancelGreeting = null;
      this.beat();
    });
  }

  end(): void {
    this.#cancelGreeting?.();
  }

  /** A node must be heard even when what it says of itself makes no sense. */
  #written(leaving: boolean): Uint8Array {
    const { node, protocol, inventory, transport, hears, unsayable } = this.#world;
    const beat: Beat = {
      v: BEAT_VERSION,
      is: 'beat',
      from: node.name,
      epoch: node.epoch,
      count: ++this.#count,
      protocol,
      leaving,
      hears: hears().slice(0, HEARD_AT_ONCE),
      inventory: {},
    };
    if (inventory === undefined) return encode(beat);
    let why: string;
    try {
      const bytes = encode({ ...beat, inventory: { ...inventory() } });
      const read = openEnvelope(bytes, transport.maxBytes);
      if (!('refused' in read)) return bytes;
      why = read.refused;
    } catch (thrown) {
      why = thrown instanceof Error ? thrown.message : String(thrown);
    }
    unsayable(why);
    return encode(beat);
  }
}
