/** A machine of a simulated world: it has lives, one after the other, and a disk that outlasts them. */
import type { RandomStream } from '../../contracts/random-stream.ts';
import type { Runnable } from '../actor/dispatcher.ts';
import type { MemoryBroker } from '../adapters/memory/broker.ts';
import { type MemoryDisk, memoryDisk } from '../adapters/memory/disk.ts';
import { memoryIds } from '../adapters/memory/ids.ts';
import { type MemoryMetrics, memoryMetrics } from '../adapters/memory/metrics.ts';
import { type MemoryProcesses, memoryProcesses } from '../adapters/memory/processes.ts';
import type { FailPoint } from '../ports/fail-points.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Happening } from './history.ts';
import type { Lots, Turn, TurnOwner } from './lots.ts';
import { NodeClock } from './node-clock.ts';
import { nodeDisk } from './node-disk.ts';
import { type NodeNetwork, nodeNetwork } from './node-network.ts';
import type { Life } from './scenario.ts';
import type { Timeline } from './timeline.ts';

/** What a node needs from the world around it. */
export interface NodeWorld<E extends Happening> {
  readonly timeline: Timeline;
  readonly lots: Lots;
  readonly log: Log;
  readonly broker: MemoryBroker;
  note(from: SimulatedLife<E>, event: E): void;
  always(invariant: string, holds: boolean, message?: string): void;
  sometimes(name: string): void;
  exited(from: SimulatedLife<E>, why: string): void;
  counted(from: SimulatedLife<E>, name: string, by: number, labels: Readonly<Record<string, string>>): void;
}

interface ArmedCrash {
  readonly point: FailPoint;
  left: number;
  readonly strike: () => void;
}

const EPOCH_MS = Date.UTC(2026, 0, 1);

export class SimulatedNode<E extends Happening> {
  readonly name: string;
  readonly storage: MemoryDisk = memoryDisk();
  readonly processes: MemoryProcesses = memoryProcesses();
  readonly #world: NodeWorld<E>;
  readonly #random: RandomStream;
  readonly #diskRandom: RandomStream;
  #life: SimulatedLife<E> | null = null;
  #lives = 0;
  #armed: ArmedCrash[] = [];
  /** What a slow disk adds to every operation, milliseconds. */
  latencyMs = 0;
  #rate = 1;

  constructor(name: string, world: NodeWorld<E>, random: RandomStream) {
    this.name = name;
    this.#world = world;
    this.#random = random.split('lives');
    this.#diskRandom = random.split('disk');
  }

  get life(): SimulatedLife<E> | null {
    return this.#life;
  }

  /** Begins the next life. */
  begin(): SimulatedLife<E> {
    this.#lives++;
    this.processes.restart();
    const node = { name: this.name, epoch: this.#lives };
    this.#life = new SimulatedLife(this, this.#world, node, this.#random.split(String(this.#lives)));
    this.#life.clock.drift(this.#rate);
    return this.#life;
  }

  /** The process is gone, the machine goes on: what was written stays. Nothing of this life acts any more. */
  kill(): void {
    if (this.#life === null) return;
    this.#life.alive = false;
    this.#life.transport.close();
    this.#life = null;
  }

  /** The power goes, and with it what was not synced; `torn` keeps some of that, by lot. */
  crash(torn: boolean): void {
    this.kill();
    this.storage.crash(torn ? this.#diskRandom : undefined);
  }

  /** This machine's quartz runs at `rate`, in this life and the next. */
  drift(rate: number): void {
    this.#rate = rate;
    this.#life?.clock.drift(rate);
  }

  /** @param nth 1 is the very next time */
  crashAt(point: FailPoint, nth: number, strike: () => void): void {
    this.#armed.push({ point, left: nth, strike });
  }

  disarm(): void {
    this.#armed = [];
  }

  passes(point: FailPoint): void {
    for (const armed of this.#armed) {
      if (armed.point !== point) continue;
      armed.left--;
      if (armed.left > 0) continue;
      this.#armed = this.#armed.filter((one) => one !== armed);
      armed.strike();
      return;
    }
  }

  /** Mostly none, often a little, and all that a slow disk adds. */
  waits(): readonly [number, number] {
    const random = this.#diskRandom;
    const quick = random.below(3) > 0;
    if (this.latencyMs === 0 && quick) return [0, 0];
    const ms = quick ? this.latencyMs : this.latencyMs + random.next() * 2;
    const before = random.next() * ms;
    return [before, ms - before];
  }
}

export class SimulatedLife<E extends Happening> implements Life<E>, TurnOwner {
  readonly node: { readonly name: string; readonly epoch: number };
  readonly clock: NodeClock;
  readonly ports: Life<E>['ports'];
  readonly disk;
  readonly processes;
  readonly transport: NodeNetwork['transport'];
  readonly leases: NodeNetwork['leases'];
  alive = true;
  paused = false;
  #poke: ((what: string, by: number) => void) | null = null;
  #kept: Turn[] = [];
  readonly #world: NodeWorld<E>;

  constructor(
    place: SimulatedNode<E>,
    world: NodeWorld<E>,
    node: { name: string; epoch: number },
    random: RandomStream,
  ) {
    this.node = node;
    this.#world = world;
    const { timeline, lots } = world;
    this.clock = new NodeClock(timeline, {
      fromMs: Math.floor(random.next() * 1e6),
      epochMs: EPOCH_MS,
      enter: (run) => this.enter(run),
      soon: (fire) => lots.put({ owner: this, run: fire }),
    });
    this.ports = {
      clock: this.clock,
      ids: memoryIds(),
      log: world.log.with({ node: node.name, life: node.epoch }),
      metrics: this.#watched(memoryMetrics()),
      random: random.split('system'),
      node,
      dispatcher: {
        enlist: (runnable: Runnable) => lots.put({ owner: this, run: (budget) => void runnable.run(budget) }),
      },
      failPoints: { hit: (point) => this.#pass(place, point) },
    };
    this.disk = nodeDisk({
      disk: place.storage,
      alive: () => this.alive,
      waits: () => place.waits(),
      after: (ms, fire) => void this.clock.after(ms, fire),
    });
    const network = nodeNetwork(
      world.broker,
      node.name,
      () => this.alive,
      (run) => this.enter(run),
    );
    this.transport = network.transport;
    this.leases = network.leases;
    const identity = place.processes.self();
    this.processes = { self: () => identity, alive: place.processes.alive };
  }

  /** Runs now, when the pause is over, or never. */
  enter(run: () => void): void {
    if (!this.alive) return;
    if (this.paused) this.#kept.push({ owner: this, run });
    else run();
  }

  keep(turn: Turn): void {
    this.#kept.push(turn);
  }

  resume(): void {
    this.paused = false;
    for (const turn of this.#kept.splice(0)) this.#world.lots.put(turn);
  }

  note(event: E): void {
    if (this.alive) this.#world.note(this, event);
  }

  always(invariant: string, holds: boolean, message?: string): void {
    if (this.alive) this.#world.always(invariant, holds, message);
  }

  sometimes(name: string): void {
    if (this.alive) this.#world.sometimes(name);
  }

  onPoke(poke: (what: string, by: number) => void): void {
    this.#poke = poke;
  }

  timers(): number {
    return this.clock.armed;
  }

  exit(why: string): void {
    if (this.alive) this.#world.exited(this, why);
  }

  poke(what: string, by: number): void {
    this.enter(() => this.#poke?.(what, by));
  }

  worldMs(): number {
    return this.#world.timeline.nowMs;
  }

  #pass(place: SimulatedNode<E>, point: FailPoint): void {
    if (!this.alive) return;
    this.#world.sometimes(`passed ${point}`);
    place.passes(point);
  }

  #watched(metrics: MemoryMetrics): Metrics {
    return {
      ...metrics,
      count: (name, by = 1, labels = {}) => {
        metrics.count(name, by, labels);
        if (this.alive) this.#world.counted(this, name, by, labels);
      },
    };
  }
}
