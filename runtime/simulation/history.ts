/** What happened in a simulated world, in order, and one number that stands for all of it. */

/** Anything that is worth remembering: `kind` says what. */
export interface Happening {
  readonly kind: string;
}

export interface Note<E extends Happening = Happening> {
  /** Milliseconds since the world began. */
  readonly atMs: number;
  /** Empty for what the world itself did. */
  readonly node: string;
  /** Which life of that node; 0 for the world. */
  readonly life: number;
  readonly event: E;
}

/** Two runs of one seed have the same digest, or something in them did not come from the seed. */
export class Digest {
  #a = 0x811c9dc5;
  #b = 0x9747b28c;

  mix(number: number): void {
    this.#a = Math.imul(this.#a ^ number, 0x01000193);
    this.#b = Math.imul(this.#b ^ (number + (this.#a >>> 15)), 0x85ebca6b);
  }

  text(text: string): void {
    for (let i = 0; i < text.length; i++) this.mix(text.charCodeAt(i));
  }

  /** 16 hex digits. */
  get hex(): string {
    return [this.#a, this.#b].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
  }
}

export class History<E extends Happening> {
  readonly notes: Note<E>[] = [];
  readonly digest = new Digest();

  /** Adds what happened; it is never changed again. */
  add(note: Note<E>): void {
    this.notes.push(note);
    this.digest.text(JSON.stringify(note));
  }
}
