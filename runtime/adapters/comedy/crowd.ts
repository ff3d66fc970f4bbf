/** Seats children in groups: comedy forgets a child by copying the list of its siblings, so nobody may have many. */
import type { ComedyActor } from './driver.ts';

/** Tearing down 20,000 took three to four times as long with 1,000 in a group; 32 to 256 made no clear difference. */
const SEATS = 64;
/** Groups of groups of groups: 262,144 children before a second tree is begun. */
const LEVELS = 3;

export interface Group {
  readonly actor: ComedyActor;
  readonly level: number;
  taken: number;
}

export class Crowd {
  readonly #root: ComedyActor;
  readonly #create: (parent: ComedyActor, name: string) => Promise<ComedyActor>;
  /** Groups with a free seat, by level; level 0 seats children. */
  readonly #open: Group[][] = Array.from({ length: LEVELS }, () => []);
  /** Those that seat children. */
  readonly #groups: ComedyActor[] = [];
  #made = 0;

  constructor(root: ComedyActor, create: (parent: ComedyActor, name: string) => Promise<ComedyActor>) {
    this.#root = root;
    this.#create = create;
  }

  /** Takes a seat for one child. */
  seat(): Promise<Group> {
    return this.#seatAt(0);
  }

  /** Gives a seat back. */
  leave(group: Group): void {
    if (group.taken === SEATS) this.#open[group.level]?.push(group);
    group.taken--;
  }

  /** Group by group: each with whoever sits there. */
  async destroy(): Promise<void> {
    for (const actor of this.#groups) await actor.destroy();
  }

  async #seatAt(level: number): Promise<Group> {
    const open = this.#open[level] as Group[];
    // While a group was being made others may have filled it: look again.
    while (open.length === 0) await this.#make(level);
    const group = open.at(-1) as Group;
    group.taken++;
    if (group.taken === SEATS) open.pop();
    return group;
  }

  async #make(level: number): Promise<void> {
    const parent = level + 1 < LEVELS ? (await this.#seatAt(level + 1)).actor : this.#root;
    const actor = await this.#create(parent, `group-${this.#made++}`);
    this.#open[level]?.push({ actor, level, taken: 0 });
    if (level === 0) this.#groups.push(actor);
  }
}
