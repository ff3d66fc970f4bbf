/** A tree's own place in the tree of existence: taken before its first start, given back at its end, or taken away. */
import type { Place } from '../actor/overseer.ts';
import type { Maybe } from '../maybe.ts';
import type { Owner } from '../ports/ownership.ts';

export class Holding {
  #owner: Owner | null = null;
  /** Rises when a place is asked for, given back or lost: older ones are nobody's concern. */
  #asked = 0;

  /** Null without a place. */
  get owner(): Owner | null {
    return this.#owner;
  }

  /**
   * Once, until it is given back or lost.
   * @param lost somebody else took the place away
   */
  take(
    from: Owner | null,
    name: string,
    metrics: () => Readonly<Record<string, number>>,
    lost: () => void,
  ): Maybe<void> {
    if (from === null || this.#owner !== null) return;
    const asked = ++this.#asked;
    const destroyed = () => {
      if (asked !== this.#asked) return;
      this.#forget();
      lost();
    };
    return from.own(name, { enqueue: () => {}, metrics, destroyed }).then((place) => {
      if (asked !== this.#asked) return place.release(); // given back before it was there
      this.#owner = place;
    });
  }

  giveBack(place: Place): Maybe<void> {
    const owner = this.#forget();
    if (place === 'released') return owner?.release();
  }

  #forget(): Owner | null {
    this.#asked++;
    const owner = this.#owner;
    this.#owner = null;
    return owner;
  }
}
