/** The simulated world at work: one thing after the other, by lot, until time is up. */
import { type RandomStream, randomStream } from '../../contracts/random-stream.ts';
import { asError } from '../actor/errors.ts';
import { type BrokerFaults, type MemoryBroker, memoryBroker } from '../adapters/memory/broker.ts';
import { type MemoryLog, memoryLog } from '../adapters/memory/log.ts';
import { quiet } from '../adapters/memory/quiet.ts';
import type { Fault } from './fault.ts';
import { type Happening, History } from './history.ts';
import { Lots } from './lots.ts';
import { type NodeWorld, type SimulatedLife, SimulatedNode } from './node.ts';
import type { Scenario, Violation, World } from './scenario.ts';
import { strike } from './strike.ts';
import { strikeNetwork } from './strike-network.ts';
import { Timeline, worldClock } from './timeline.ts';

/** Turns without time moving on: more is a loop that feeds itself. */
const SPIN_LIMIT = 200_000;
/** A boot that failed is tried again after this time, milliseconds. */
const REBOOT_MS = 500;
/** Turns drawn at most before promises are seen to: both orders happen. */
const DRAWS = 3;

const CALM: BrokerFaults = { delayMs: [1, 1], dropRate: 0, duplicateRate: 0, reorderRate: 0 };

export class SimulatedWorld<E extends Happening> implements World<E>, NodeWorld<E> {
  readonly timeline = new Timeline();
  readonly log: MemoryLog = memoryLog();
  readonly history = new History<E>();
  readonly lots: Lots;
  readonly broker: MemoryBroker;
  readonly random: RandomStream;
  readonly violations: Violation[] = [];
  readonly reached = new Set<string>();
  readonly #scenario: Scenario<E>;
  readonly #nodes: ReadonlyMap<string, SimulatedNode<E>>;
  readonly #calm: BrokerFaults;
  readonly #pace: RandomStream;
  /** Lives that have not started yet, and since when. */
  readonly #booting = new Map<SimulatedLife<E>, number>();
  #healed = false;
  #steps = 0;

  constructor(scenario: Scenario<E>, seed: number) {
    const root = randomStream(`${scenario.name}/${seed}`);
    this.#scenario = scenario;
    this.random = root.split('world');
    this.#pace = root.split('pace');
    this.lots = new Lots(root.split('lots'));
    this.#calm = { ...CALM, ...scenario.network };
    this.broker = memoryBroker({
      clock: worldClock(this.timeline),
      random: root.split('broker'),
      faults: this.#calm,
    });
    this.#nodes = new Map(
      scenario.nodes.map((name) => [name, new SimulatedNode<E>(name, this, root.split(`node ${name}`))]),
    );
  }

  get nowMs(): number {
    return this.timeline.nowMs;
  }

  /** Turns and timers so far. */
  get steps(): number {
    return this.#steps;
  }

  life(node: string): SimulatedLife<E> | undefined {
    return this.#nodes.get(node)?.life ?? undefined;
  }

  note(from: SimulatedLife<E> | E, event?: E): void {
    const [node, life] = event === undefined ? ['', 0] : whoIs(from as SimulatedLife<E>);
    this.history.add({ atMs: this.nowMs, node, life, event: event ?? (from as E) });
  }

  always(invariant: string, holds: boolean, message = invariant): void {
    if (!holds) this.violations.push({ invariant, message });
  }

  sometimes(name: string): void {
    this.reached.add(name);
  }

  counted(from: SimulatedLife<E>, name: string, by: number, labels: Readonly<Record<string, string>>): void {
    this.reached.add(labels.reason === undefined ? `counted ${name}` : `counted ${name} ${labels.reason}`);
    this.#scenario.counted?.(from, name, by, labels);
  }

  exited(from: SimulatedLife<E>, why: string): void {
    this.sometimes('a process ended by itself');
    this.log.write('warn', 'a process ended', { node: from.node.name, why });
    const node = this.#nodes.get(from.node.name);
    if (node?.life === from) this.#kill(node, REBOOT_MS);
  }

  /** Starts every node and plans what will go wrong. */
  begin(faults: readonly Fault[]): void {
    for (const node of this.#nodes.values()) this.#boot(node);
    for (const fault of faults) this.timeline.at(fault.atMs, () => this.#strike(fault));
  }

  /** Ends all faults for good and starts what is down. */
  heal(): void {
    this.#healed = true;
    this.broker.heal();
    this.broker.setFaults(this.#calm);
    for (const node of this.#nodes.values()) {
      node.disarm();
      node.storage.heal();
      node.storage.capacity = Number.POSITIVE_INFINITY;
      node.latencyMs = 0;
      this.broker.slow(node.name, 0);
      node.drift(1);
      if (node.life === null) this.#boot(node);
      else if (node.life.paused) node.life.resume();
    }
  }

  /** Nothing disturbs the world any more: whoever began to start has started, or failed to. */
  checkBoots(): void {
    for (const [{ alive, node }, sinceMs] of this.#booting)
      this.always('every boot comes to an end', !alive || this.nowMs - sinceMs < REBOOT_MS, node.name);
  }

  /** Everything stops; what is under way has no effect. */
  end(): void {
    for (const node of this.#nodes.values()) node.kill();
  }

  /** Lets the world go on until `untilMs`, or until `done` says so. */
  async run(untilMs: number, done: () => boolean = () => false): Promise<void> {
    let spins = 0;
    await quiet();
    while (!done()) {
      this.#steps++;
      if (this.lots.size > 0) {
        for (let draws = 1 + this.#pace.below(DRAWS); draws > 0 && this.lots.size > 0; draws--) {
          this.history.digest.mix(this.lots.draw());
        }
        if (++spins > SPIN_LIMIT) return this.always('the world comes to rest', false, 'turns without end');
      } else {
        const before = this.nowMs;
        const fire = this.timeline.next(untilMs);
        if (fire === undefined) return;
        if (this.nowMs > before) spins = 0;
        this.history.digest.mix(Math.floor(this.nowMs * 1_000));
        fire();
      }
      await quiet();
    }
  }

  #boot(node: SimulatedNode<E>): void {
    const life = node.begin();
    const failed = (error: Error) => {
      if (!life.alive) return;
      if (this.#scenario.bootFailed) this.#scenario.bootFailed(error, life, this);
      else this.always('every boot succeeds', false, `${node.name}: ${error.message}`);
      this.#kill(node, REBOOT_MS);
    };
    this.#booting.set(life, this.nowMs);
    const over = () => void this.#booting.delete(life);
    this.#scenario.boot(life, this).then(over, (error) => {
      over();
      failed(asError(error));
    });
  }

  #crash(node: SimulatedNode<E>, forMs: number, torn: boolean): void {
    if (node.life === null) return;
    node.crash(torn);
    this.#bootAfter(node, forMs);
  }

  #kill(node: SimulatedNode<E>, forMs: number): void {
    if (node.life === null) return;
    node.kill();
    this.#bootAfter(node, forMs);
  }

  #bootAfter(node: SimulatedNode<E>, ms: number): void {
    this.timeline.at(this.nowMs + ms, () => {
      if (node.life === null) this.#boot(node);
    });
  }

  #strike(fault: Fault): void {
    if (this.#healed) return;
    this.sometimes(`fault ${fault.kind}`);
    if (!('node' in fault)) {
      strikeNetwork(fault, this.broker, this.#calm, (ms, then) => this.#later(ms, then));
      return;
    }
    const node = this.#nodes.get(fault.node);
    if (node === undefined) return;
    strike(fault, node, {
      crash: (forMs, torn) => this.#crash(node, forMs, torn),
      kill: (forMs) => this.#kill(node, forMs),
      line: (dead) => (dead ? this.broker.cut(node.name) : this.broker.mend(node.name)),
      slow: (ms) => this.broker.slow(node.name, ms),
      sometimes: (name) => this.sometimes(name),
      later: (ms, then) => this.#later(ms, then),
    });
  }

  /** Unless everything has been healed by then. */
  #later(ms: number, then: () => void): void {
    this.timeline.at(this.nowMs + ms, () => {
      if (!this.#healed) then();
    });
  }
}

const whoIs = ({ node }: { readonly node: { readonly name: string; readonly epoch: number } }) =>
  [node.name, node.epoch] as const;
