/** The messages of one stream in memory: numbered, each id once for a while, within limits. */
import type { Clock } from '../../ports/clock.ts';
import { streamFull } from '../../ports/stream-errors.ts';
import type { Stored, StreamSpec } from '../../ports/streams.ts';
import { subjectMatches } from './subject.ts';

const MAX_BYTES = 256 * 1024 * 1024;
const WEEK_MS = 7 * 24 * 3_600_000;
const SAME_ID_MS = 120_000;

export class StreamLog {
  spec: StreamSpec;
  bytes = 0;
  /** By sequence, oldest first. */
  readonly kept = new Map<number, Stored>();
  readonly #clock: Clock;
  readonly #storedAtMs = new Map<number, number>();
  readonly #ids = new Map<string, { readonly sequence: number; readonly atMs: number }>();
  #last = 0;

  constructor(spec: StreamSpec, clock: Clock) {
    this.spec = spec;
    this.#clock = clock;
  }

  /** Place of the oldest message; the one after the newest when there is none. */
  get first(): number {
    const [first = this.#last + 1] = this.kept.keys();
    return first;
  }
  get last(): number {
    return this.#last;
  }

  /** Messages on subjects of a pattern, from a place on. */
  count(filter: string, from: number): number {
    let found = 0;
    for (const { sequence, subject } of this.kept.values())
      if (sequence >= from && subjectMatches(filter, subject)) found++;
    return found;
  }

  keeps(subject: string): boolean {
    return this.spec.subjects.some((pattern) => subjectMatches(pattern, subject));
  }

  /** @throws STREAM_FULL when it is a `work` stream without room */
  add(message: Pick<Stored, 'bytes' | 'headers' | 'subject'>, id: string) {
    this.forgetOld();
    const known = this.#ids.get(id);
    if (known !== undefined) return { sequence: known.sequence, duplicate: true };
    this.#makeRoom(message.bytes.length);
    const sequence = ++this.#last;
    this.kept.set(sequence, { ...message, sequence, storedMs: Math.floor(this.#clock.wallMs()) });
    this.bytes += message.bytes.length;
    this.#storedAtMs.set(sequence, this.#clock.nowMs());
    this.#ids.set(id, { sequence, atMs: this.#clock.nowMs() });
    this.#crowd(message.subject);
    return { sequence, duplicate: false };
  }

  remove(sequence: number): boolean {
    const message = this.kept.get(sequence);
    if (message === undefined) return false;
    this.bytes -= message.bytes.length;
    this.#storedAtMs.delete(sequence);
    return this.kept.delete(sequence);
  }

  /** Forgets what was stored in the last so many milliseconds, ids included. @returns the last sequence there is now */
  loseLast(ms: number): number {
    const sinceMs = this.#clock.nowMs() - ms;
    for (const [id, { sequence, atMs }] of this.#ids) {
      if (atMs < sinceMs) continue;
      this.#ids.delete(id);
      this.remove(sequence);
      this.#last = Math.min(this.#last, sequence - 1);
    }
    return this.#last;
  }

  /** Lets go of ids and messages that are too old. */
  forgetOld(): void {
    const { maxAgeMs = WEEK_MS, sameIdMs = SAME_ID_MS } = this.spec;
    const nowMs = this.#clock.nowMs();
    for (const [id, { atMs }] of this.#ids) {
      if (nowMs - atMs < sameIdMs) break;
      this.#ids.delete(id);
    }
    for (const [sequence, atMs] of this.#storedAtMs) {
      if (nowMs - atMs < maxAgeMs) break;
      this.remove(sequence);
    }
  }

  /** Lets go of what a subject has too many of. */
  #crowd(subject: string): void {
    const { perSubject } = this.spec;
    if (perSubject === undefined) return;
    const same = [...this.kept.values()].filter((one) => one.subject === subject);
    for (const { sequence } of same.slice(0, -perSubject)) this.remove(sequence);
  }

  #makeRoom(bytes: number): void {
    const { name, keeps, maxBytes = MAX_BYTES, maxMessages = Number.POSITIVE_INFINITY } = this.spec;
    const isFull = () => this.bytes + bytes > maxBytes || this.kept.size + 1 > maxMessages;
    if (isFull() && keeps === 'work') throw streamFull(name, 'a limit is reached');
    for (const sequence of this.kept.keys()) {
      if (!isFull()) return;
      this.remove(sequence);
    }
  }
}
