/** A story to simulate: which nodes there are, what runs on them, what may go wrong, and what must hold in the end. */
import type { RandomStream } from '../../contracts/random-stream.ts';
import type { NodeIdentity } from '../actor/kernel.ts';
import type { BrokerFaults } from '../adapters/memory/broker.ts';
import type { MemoryLog } from '../adapters/memory/log.ts';
import type { Disk } from '../ports/disk.ts';
import type { Leases } from '../ports/leases.ts';
import type { Labels } from '../ports/metrics.ts';
import type { Processes } from '../ports/processes.ts';
import type { Transport } from '../ports/transport.ts';
import type { SystemPorts } from '../system.ts';
import type { FaultProfile } from './fault-plan.ts';
import type { Happening, Note } from './history.ts';

/** An invariant that did not hold. */
export interface Violation {
  /** Short and stable: shrinking keeps the same one. */
  readonly invariant: string;
  readonly message: string;
}

/** What both the world and its lives can say about the run. */
export interface Witness<E extends Happening> {
  /** Adds to the history; from a life that is over, nothing is heard. */
  note(event: E): void;
  /** Must hold whenever it is said. */
  always(invariant: string, holds: boolean, message?: string): void;
  /** Must have been said in some run of a campaign, or the campaign tested less than it claims. */
  sometimes(name: string): void;
}

/** One life of a node, from boot to crash. When it is over, none of these has any effect any more. */
export interface Life<E extends Happening> extends Witness<E> {
  readonly alive: boolean;
  /** Stands still at present, as in a long pause of the garbage collector. */
  readonly paused: boolean;
  /** `epoch` counts this node's lives. */
  readonly node: NodeIdentity;
  /** For `startSystem`. */
  readonly ports: SystemPorts & Required<Pick<SystemPorts, 'failPoints'>>;
  /** Survives, as far as it was synced. */
  readonly disk: Disk;
  readonly processes: Processes;
  /** The broker that all nodes share, and the lease store beside it. */
  readonly transport: Transport;
  readonly leases: Leases;
  /** Called for the faults of kind `poke` that name this node. */
  onPoke(poke: (what: string, by: number) => void): void;
  /** Timers armed by this life that have neither fired nor been cancelled: none after a clean stop. */
  timers(): number;
  /** This process ends by itself, as after a failure nobody could deal with; it is started again half a second later. */
  exit(why: string): void;
  /** Milliseconds since the world began, by a clock no node can see. */
  worldMs(): number;
}

export interface World<E extends Happening> extends Witness<E> {
  readonly nowMs: number;
  readonly random: RandomStream;
  /** Everything any life logged. */
  readonly log: MemoryLog;
  /** The present life of a node, unless it is down. */
  life(node: string): Life<E> | undefined;
}

export interface Scenario<E extends Happening> {
  readonly name: string;
  readonly nodes: readonly string[];
  /** Faults begin within this time; then everything is healed. Milliseconds. */
  readonly lengthMs: number;
  /** Undisturbed time after that. */
  readonly settleMs: number;
  readonly faults: FaultProfile;
  /** How the network is on an ordinary day; one millisecond from anywhere to anywhere unless said. */
  readonly network?: Partial<BrokerFaults>;
  /** Names given to `sometimes` that a campaign must reach. */
  readonly sometimes: readonly string[];
  /** Runs when a node starts, each time. A boot that throws is tried again as a new life half a second later. */
  boot(life: Life<E>, world: World<E>): Promise<void>;
  /** A boot threw: say what it means. Without it, `world.always` complains. */
  bootFailed?(error: Error, life: Life<E>, world: World<E>): void;
  /** Each counter as it rises. */
  counted?(life: Life<E>, name: string, by: number, labels: Labels): void;
  /** Asks whatever is to be known in the end; all nodes are up and nothing goes wrong any more. */
  finish?(world: World<E>): Promise<void>;
  check(history: readonly Note<E>[]): readonly Violation[];
}
