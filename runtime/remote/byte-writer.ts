/** Writes numbers, text and bytes one behind the other, without names: whoever reads them knows their order. */

/** Bytes kept for the next time; what needed more gives it back. */
const KEPT = 65_536;

const utf8 = new TextEncoder();

/** May be used again and again, for one piece of writing at a time: from `begin` until what `done` answered was handed over. */
export class ByteWriter {
  #bytes = new Uint8Array(KEPT);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;

  begin(): void {
    if (this.#bytes.length > KEPT) this.#use(new Uint8Array(KEPT));
    this.#at = 0;
  }

  /** @param value 0 to 255 */
  byte(value: number): void {
    this.#room(1);
    this.#bytes[this.#at++] = value;
  }

  /** Seven bits a byte, lowest first. @param value an integer from 0, exactly represented */
  whole(value: number): void {
    this.#room(8);
    let left = value;
    while (left >= 128) {
      this.#bytes[this.#at++] = (left % 128) + 128;
      left = Math.floor(left / 128);
    }
    this.#bytes[this.#at++] = left;
  }

  float(value: number): void {
    this.#room(8);
    this.#view.setFloat64(this.#at, value);
    this.#at += 8;
  }

  /** Its length in bytes, then UTF-8. */
  text(value: string): void {
    const start = this.#at;
    this.whole(value.length);
    this.#room(value.length);
    const bytes = this.#bytes;
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i);
      if (code > 127) {
        this.#at = start;
        this.bytes(utf8.encode(value));
        return;
      }
      bytes[this.#at++] = code;
    }
  }

  /** Their number, then themselves. */
  bytes(value: Uint8Array): void {
    this.whole(value.length);
    this.#room(value.length);
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
  }

  /** All that was written since `begin`; a view that the next `begin` makes worthless. */
  done(): Uint8Array {
    return this.#bytes.subarray(0, this.#at);
  }

  #room(count: number): void {
    const needed = this.#at + count;
    if (needed <= this.#bytes.length) return;
    const wider = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    wider.set(this.#bytes.subarray(0, this.#at));
    this.#use(wider);
  }

  #use(bytes: Uint8Array<ArrayBuffer>): void {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }
}
