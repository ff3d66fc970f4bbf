/** Proves that bytes come from somebody who knows the secret of this cluster. */
export interface Seal {
  /** Bytes that `seal` adds. */
  readonly overhead: number;
  /** @param subject where it is said: bytes sealed for one subject are worth nothing under another */
  seal(subject: string, bytes: Uint8Array): Uint8Array;
  /** What was sealed; nothing when it was forged, changed, cut, or sealed for another subject. */
  open(subject: string, sealed: Uint8Array): Uint8Array | undefined;
}
