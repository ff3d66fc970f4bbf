/** A hash that nobody can forge: how stored bytes prove that they are the ones that were written. */
export interface Hasher {
  /** SHA-256 of all parts as if they were one, 64 hex digits in lower case. */
  sha256(parts: readonly Uint8Array[]): string;
}
