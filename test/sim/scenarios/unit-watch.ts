/** Looks at the units of one node from outside: what runs has its lease, what has a lease is here, and no lease is held twice. */
import type { HostedUnit } from '../../../contracts/placement.ts';
import type { ActorSystem, Cluster, Held, UnitFactory } from '../../../runtime/index.ts';
import { allIn } from '../support.ts';
import type { SimLife } from './counters.ts';

const LEASES = 'unit.';
const UNITS = 'esper/units/';
const LOOK_MS = 50;
/** Looks of the node's own time, pauses not counted, that one who is told to stop may take: its grace is longer. */
const PATIENCE = 6;

interface Hold {
  readonly unit: string;
  /** Looks at which it belonged to nothing that is here. */
  strayed: number;
}

/** What one life of a node does with leases, beside what it says about it. */
export class UnitWatch {
  readonly #life: SimLife;
  readonly #holds = new Set<Hold>();
  /** What the lease store gave, by unit; the newest. */
  readonly #gained = new Map<string, Held>();
  /** What the unit that runs here was started with. */
  readonly #started = new Map<string, Held>();
  /** Looks at which a unit ran without its lease. */
  readonly #unentitled = new Map<string, number>();
  /** Looks at which a unit was said to run and did not. */
  readonly #fallen = new Map<string, number>();
  #system: ActorSystem | null = null;

  constructor(life: SimLife) {
    this.#life = life;
  }

  /** The same cluster for placement, each of whose holds is remembered until it is let go. */
  over(cluster: Cluster): Cluster {
    const hold: Cluster['hold'] = (name, hooks) => {
      if (!name.startsWith(LEASES)) return cluster.hold(name, hooks);
      const unit = name.slice(LEASES.length);
      const mine: Hold = { unit, strayed: 0 };
      const other = [...this.#holds].some((one) => one.unit === unit);
      this.#life.always('a lease is held once', !other, `${this.#life.node.name} tries twice for ${name}`);
      this.#holds.add(mine);
      const held = cluster.hold(name, {
        ...hooks,
        gained: (given) => {
          this.#gained.set(unit, given);
          hooks.gained(given);
        },
      });
      return {
        release: () => {
          this.#holds.delete(mine);
          const name = this.#life.node.name;
          this.#life.always('a lease is let go after its unit', !this.#runs(unit), `${unit} runs on ${name}`);
          return held.release();
        },
      };
    };
    return {
      node: cluster.node,
      hold,
      peers: () => cluster.peers(),
      holderOf: (name) => cluster.holderOf(name),
      find: (path) => cluster.find(path),
      attach: (kernel) => cluster.attach(kernel),
      serve: () => cluster.serve(),
      leave: () => cluster.leave(),
      abandon: () => cluster.abandon(),
    };
  }

  /** The same factory, which tells what a unit begins with. */
  of(factory: UnitFactory): UnitFactory {
    return {
      ...factory,
      children: (start) => {
        const { unit, held } = start;
        const given = this.#gained.get(unit) === held;
        this.#life.always('a unit begins with its lease', given, `${unit} in ${held.epoch}`);
        this.#started.set(unit, held);
        return factory.children(start);
      },
    };
  }

  /** Looks again and again from now on. @param said units that this node says it has */
  begin(system: ActorSystem, said: () => readonly HostedUnit[]): void {
    this.#system = system;
    const look = () => {
      this.#life.ports.clock.after(LOOK_MS, look);
      const here = said();
      this.#lookAtUnits();
      this.#lookAtWords(here);
      this.#lookAtHolds(new Set(here.map(({ unit }) => unit)));
    };
    look();
  }

  #lookAtUnits(): void {
    for (const [unit, held] of this.#started) {
      const late = held.held() || !this.#runs(unit) ? 0 : (this.#unentitled.get(unit) ?? 0) + 1;
      this.#unentitled.set(unit, late);
      const message = `${unit} runs on ${this.#life.node.name}, whose tenure ${held.epoch} is over`;
      this.#life.always('a unit runs under its lease', late !== PATIENCE, message);
    }
  }

  #lookAtWords(said: readonly HostedUnit[]): void {
    for (const unit of this.#started.keys()) {
      const runs = said.some((one) => one.unit === unit && one.phase === 'running');
      const late = runs && !this.#runs(unit) ? (this.#fallen.get(unit) ?? 0) + 1 : 0;
      this.#fallen.set(unit, late);
      const message = `${this.#life.node.name} says that ${unit} runs`;
      this.#life.always('what is said to run stands', late !== PATIENCE, message);
    }
  }

  #lookAtHolds(here: ReadonlySet<string>): void {
    for (const hold of this.#holds) {
      hold.strayed = here.has(hold.unit) ? 0 : hold.strayed + 1;
      const message = `${this.#life.node.name} holds on to ${hold.unit}, which is not there`;
      this.#life.always('no lease without its unit', hold.strayed !== PATIENCE, message);
    }
  }

  #runs(unit: string): boolean {
    return this.#system !== null && allIn(this.#system.tree()).some(({ path }) => path === `${UNITS}${unit}`);
  }
}
