/** What a life of the bank knows of its copies: which belong to one cut, which were put back, which have gone bad. */
import type { Life } from '../../../runtime/simulation/index.ts';
import type { SimEvent } from '../events.ts';

export class Books {
  readonly #life: Life<SimEvent>;
  readonly #tried = new Set<string>();
  /** The newest copy of each account, and the copy each was last taken back to. */
  readonly #newest = new Map<string, string>();
  readonly #present = new Map<string, string>();
  readonly #cuts = new Set<string>();
  readonly #spoiled = new Set<string>();
  #rotten: { readonly name: string; saved: unknown } | null = null;
  #marks = 0;

  constructor(life: Life<SimEvent>) {
    this.#life = life;
  }

  /** The first question about `id`? */
  firstTime(id: string): boolean {
    const first = !this.#tried.has(id);
    this.#tried.add(id);
    return first;
  }

  /** @returns the name of the copy */
  captured(name: string): string {
    const mark = `${this.#life.node.epoch}/${name} ${++this.#marks}`;
    this.#newest.set(name, mark);
    return mark;
  }

  /** All copies made last are one cut. */
  cut(): void {
    this.#cuts.add(together(this.#newest));
  }

  restored(name: string, mark: string): void {
    this.#present.set(name, mark);
  }

  /** The group has gone back: every account to the same cut. */
  wentBack(): void {
    const where = together(this.#present);
    this.#life.always('all go back to one moment', this.#cuts.has(where), where);
    this.#life.sometimes('the bank went back');
  }

  /** The next time `name` is to be put back, that fails. */
  spoil(name: string): void {
    this.#spoiled.add(name);
  }

  spoiled(name: string): boolean {
    if (!this.#spoiled.delete(name)) return false;
    this.#life.sometimes('a copy could not be put back');
    return true;
  }

  /** The next copy of `name` that anybody looks at has changed since it was made. */
  rot(name: string): void {
    this.#rotten = { name, saved: null };
  }

  rots(name: string, saved: unknown): boolean {
    if (this.#rotten?.name !== name || (this.#rotten.saved ?? saved) !== saved) return false;
    this.#rotten.saved = saved;
    this.#life.sometimes('a copy had changed');
    return true;
  }
}

const together = (marks: ReadonlyMap<string, string>) => [...marks.values()].sort().join(', ');
