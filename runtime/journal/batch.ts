/** Records that will share one write and one sync, already as bytes, with the promises of those who wait. */
import type { EsperError } from '../../contracts/failure.ts';
import { encodeRecord, PLACE_MAX, RECORD_HEADER, sealRecords } from './record.ts';

/** A larger batch would make its first record wait for its last. */
const BATCH_BYTES_MAX = 1 << 20;

interface Waiting {
  readonly resolve: (sequence: number) => void;
  readonly reject: (error: EsperError) => void;
}

/** A checkpoint's record within the bytes of a batch. */
export interface BatchMark {
  readonly kind: number;
  readonly sequence: number;
  readonly offset: number;
}

export class Batch {
  readonly first: number;
  #view = new DataView(new ArrayBuffer(4096));
  #length = 0;
  #waiting: Waiting[] = [];
  #marks: BatchMark[] = [];

  /** @param first sequence of the first record it will take */
  constructor(first: number) {
    this.first = first;
  }

  get last(): number {
    return this.first + this.#waiting.length - 1;
  }

  get length(): number {
    return this.#length;
  }

  get marks(): readonly BatchMark[] {
    return this.#marks;
  }

  /** False when it would grow too large; an empty batch takes any record. */
  takes(body: Uint8Array): boolean {
    const records = this.#waiting.length;
    return records === 0 || (records <= PLACE_MAX && this.#length + body.length < BATCH_BYTES_MAX);
  }

  /** Copies the body; resolves with its sequence when `acknowledge` is called. */
  add(kind: number, body: Uint8Array, compressed: boolean, mark: boolean): Promise<number> {
    const offset = this.#length;
    const end = offset + RECORD_HEADER + body.length;
    this.#reserve(end);
    const place = this.#waiting.length;
    const sequence = this.first + place;
    encodeRecord(this.#view, offset, sequence, kind, place, body, compressed);
    this.#length = end;
    if (mark) this.#marks.push({ kind, sequence, offset });
    return new Promise((resolve, reject) => void this.#waiting.push({ resolve, reject }));
  }

  /** The bytes to write, with checksums that hold in one segment only: which one is known no earlier. */
  sealed(salt: number): Uint8Array {
    const bytes = new Uint8Array(this.#view.buffer, 0, this.#length);
    sealRecords(bytes, this.#view, salt);
    return bytes;
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
    larger.set(new Uint8Array(this.#view.buffer, 0, this.#length));
    this.#view = new DataView(larger.buffer);
  }
}
