/** Records that will share one write and one sync, already as bytes, with the promises of those who wait. */
import type { EsperError } from '../../contracts/failure.ts';
import { encodeRecord, PLACE_MAX, RECORD_HEADER } from './record.ts';

/** A larger batch would make its first record wait for its last. */
const BATCH_BYTES_MAX = 1 << 20;

interface Waiting {
  readonly resolve: (sequence: number) => void;
  readonly reject: (error: EsperError) => void;
}

export class Batch {
  readonly first: number;
  #view = new DataView(new ArrayBuffer(4096));
  #length = 0;
  #waiting: Waiting[] = [];

  /** @param first sequence of the first record it will take */
  constructor(first: number) {
    this.first = first;
  }

  get last(): number {
    return this.first + this.#waiting.length - 1;
  }

  get bytes(): Uint8Array {
    return new Uint8Array(this.#view.buffer, 0, this.#length);
  }

  /** False when it would grow too large; an empty batch takes any record. */
  takes(body: Uint8Array): boolean {
    const records = this.#waiting.length;
    return records === 0 || (records <= PLACE_MAX && this.#length + body.length < BATCH_BYTES_MAX);
  }

  /** Copies the body; resolves with its sequence when `acknowledge` is called. */
  add(kind: number, body: Uint8Array): Promise<number> {
    const end = this.#length + RECORD_HEADER + body.length;
    this.#reserve(end);
    const place = this.#waiting.length;
    encodeRecord(this.#view, this.#length, this.first + place, kind, place, body);
    this.#length = end;
    return new Promise((resolve, reject) => void this.#waiting.push({ resolve, reject }));
  }

  acknowledge(): void {
    for (const [place, { resolve }] of this.#waiting.entries()) resolve(this.first + place);
  }

  refuse(error: EsperError): void {
    for (const { reject } of this.#waiting) reject(error);
  }

  #reserve(length: number): void {
    if (length <= this.#view.byteLength) return;
    const larger = new Uint8Array(Math.max(length, this.#view.byteLength * 2));
    larger.set(this.bytes);
    this.#view = new DataView(larger.buffer);
  }
}
