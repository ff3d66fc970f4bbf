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
