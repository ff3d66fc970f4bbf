/** A bad road on purpose: a proxy before a NATS server that delays, stalls, doubles and shuffles what the server says. */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { type Frame, FrameReader, subjectOf } from './nats-frames.ts';

export interface Road {
  /** Every nth message comes twice; 0 never. */
  doubleEach?: number;
  /** Messages that are held and handed on in an order drawn anew; 1 keeps the order. */
  shuffle?: number;
  /** Milliseconds every chunk takes, both ways. */
  delayMs?: number;
  /** Share of chunks, 0 to 1, that take `stallMs` instead. */
  stallRate?: number;
  stallMs?: number;
  /** Messages with these subjects are doubled and shuffled; all when absent. */
  concerns?: (subject: string) => boolean;
}

export interface BadRoad {
  readonly url: string;
  /** From now on; what is not named is as on a good road. */
  set(road: Road): void;
  readonly doubled: number;
  readonly shuffled: number;
  readonly stalled: number;
  close(): Promise<void>;
}

/** @param random 0 to 1, for shuffles and stalls */
export async function openProxy(port: number, random: () => number): Promise<BadRoad> {
  let road: Road = {};
  const counts = { doubled: 0, shuffled: 0, stalled: 0 };
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
      socket.on('error', () => socket.destroy());
    }
    const up = lane(upstream, () => delayOf(road, random, counts));
    const down = lane(client, () => delayOf(road, random, counts));
    client.on('data', up);
    const reader = new FrameReader();
    const mixer = new Mixer(random, counts);
    upstream.on('data', (chunk: Buffer) => {
      const out = reader.take(chunk).flatMap((frame) => mixer.take(frame, road));
      if (out.length > 0) down(Buffer.concat(out));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref(); // a row that failed closes nothing
  return {
    url: `nats://127.0.0.1:${(server.address() as { port: number }).port}`,
    set: (next) => {
      road = next;
    },
    get doubled() {
      return counts.doubled;
    },
    get shuffled() {
      return counts.shuffled;
    },
    get stalled() {
      return counts.stalled;
    },
    close: () => closed(server, sockets),
  };
}

/** Doubles and shuffles messages; whatever else the server says passes at once, after what was held. */
class Mixer {
  readonly #random: () => number;
  readonly #counts: { doubled: number; shuffled: number };
  #held: Buffer[] = [];
  #n = 0;

  constructor(random: () => number, counts: { doubled: number; shuffled: number }) {
    this.#random = random;
    this.#counts = counts;
  }

  take(frame: Frame, road: Road): Buffer[] {
    const isMessage = frame.verb === 'MSG' || frame.verb === 'HMSG';
    if (!isMessage || !(road.concerns?.(subjectOf(frame)) ?? true)) return [...this.#release(), frame.bytes];
    const copies = [frame.bytes];
    this.#n++;
    if (road.doubleEach && this.#n % road.doubleEach === 0) {
      copies.push(frame.bytes);
      this.#counts.doubled++;
    }
    const window = road.shuffle ?? 1;
    if (window <= 1) return [...this.#release(), ...copies];
    this.#held.push(...copies);
    return this.#held.length >= window ? this.#release() : [];
  }

  #release(): Buffer[] {
    const out = this.#held;
    this.#held = [];
    for (let i = out.length - 1; i > 0; i--) {
      const j = Math.floor(this.#random() * (i + 1));
      [out[i], out[j]] = [out[j] as Buffer, out[i] as Buffer];
      if (i !== j) this.#counts.shuffled++;
    }
    return out;
  }
}

/** Writes chunks in their order, each not before its time. */
function lane(to: Socket, delayMs: () => number): (chunk: Buffer) => void {
  let before: Promise<void> = Promise.resolve();
  return (chunk) => {
    const ms = delayMs();
    const waited = ms === 0 ? null : new Promise<void>((resolve) => setTimeout(resolve, ms));
    before = before.then(async () => {
      await waited;
      if (!to.destroyed) to.write(chunk);
    });
  };
}

function delayOf(road: Road, random: () => number, counts: { stalled: number }): number {
  if (road.stallRate && random() < road.stallRate) {
    counts.stalled++;
    return road.stallMs ?? 0;
  }
  return road.delayMs ?? 0;
}

function closed(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  for (const socket of sockets) socket.destroy();
  return new Promise((resolve) => server.close(() => resolve()));
}
