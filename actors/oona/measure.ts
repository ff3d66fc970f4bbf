/** How large a body is that is never packed: enough to refuse what would not pass anywhere else. */
import type { BusBody } from '../../runtime/index.ts';
import { tooLarge } from './errors.ts';
import type { OonaOptions } from './options.ts';
import type { TopicClasses } from './topic-classes.ts';

/** Bytes of a number, and around every text, list and field. */
const SMALL = 8;

/**
 * Roughly the bytes of a value; stops counting beyond `limit`, so that a huge one costs no more than a large one.
 */
export function roughBytes(value: unknown, limit: number): number {
  let bytes = 0;
  const rest: unknown[] = [value];
  while (rest.length > 0 && bytes <= limit) {
    const one = rest.pop();
    bytes += SMALL;
    if (typeof one === 'string') bytes += one.length;
    else if (ArrayBuffer.isView(one)) bytes += one.byteLength;
    else if (Array.isArray(one)) {
      bytes += one.length; // at least one byte each, known before they are looked at
      if (bytes <= limit) for (const item of one) rest.push(item);
    } else if (typeof one === 'object' && one !== null) {
      for (const key in one) rest.push((one as Record<string, unknown>)[key]);
    }
  }
  return bytes;
}

/** How large a body may be: what is critical can be kept elsewhere, the rest has to fit into a message. */
export class SizeLimits {
  readonly #classes: TopicClasses;
  readonly #limits: Pick<OonaOptions, 'largestBytes' | 'maxBytes'>;

  constructor(classes: TopicClasses, limits: Pick<OonaOptions, 'largestBytes' | 'maxBytes'>) {
    this.#classes = classes;
    this.#limits = limits;
  }

  /** @throws OONA_TOO_LARGE */
  check(topic: string, body: BusBody): void {
    const { largestBytes, maxBytes } = this.#limits;
    checkSize(topic, body, this.#classes.of(topic) === 'critical' ? largestBytes : maxBytes);
  }
}

/** @throws OONA_TOO_LARGE */
export function checkSize(topic: string, body: BusBody, limit: number): void {
  const bytes = roughBytes(body, limit);
  if (bytes > limit) throw tooLarge(topic, bytes, limit);
}
