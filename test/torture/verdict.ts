/** What a torture found: how much was tried, and each promise that was broken. */
export interface Verdict {
  readonly name: string;
  /** Cuts, flips, faults or kills. */
  readonly tried: number;
  /** What happened how often, to see that the torture reached what it aims at. */
  readonly met: Readonly<Record<string, number>>;
  readonly violations: readonly string[];
}

/** Told how far a torture is. */
export type Progress = (done: number, of: number) => void;

/** Collects a verdict. */
export class Findings {
  readonly #name: string;
  readonly #met: Record<string, number> = {};
  readonly #violations: string[] = [];
  #tried = 0;

  constructor(name: string) {
    this.#name = name;
  }

  try(): void {
    this.#tried++;
  }

  met(what: string): void {
    this.#met[what] = (this.#met[what] ?? 0) + 1;
  }

  /** Notes a violation unless `promise` holds. */
  hold(promise: boolean, broken: () => string): void {
    if (!promise) this.#violations.push(broken());
  }

  get verdict(): Verdict {
    return { name: this.#name, tried: this.#tried, met: this.#met, violations: this.#violations };
  }
}
