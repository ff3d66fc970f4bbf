/** Bytes as everybody expects them: a Uint8Array whose `slice` copies, which a Buffer's does not. */

/** A view on the same memory. */
export const plainBytes = (bytes: Uint8Array): Uint8Array =>
  new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
