/** Makes bytes fewer and gives them back; small bodies, so it may take its time on the calling thread. */
export interface Compression {
  deflate(bytes: Uint8Array): Uint8Array;
  /** @param length bytes that must come out: anything else throws, and no more than that is ever allocated */
  inflate(bytes: Uint8Array, length: number): Uint8Array;
}
