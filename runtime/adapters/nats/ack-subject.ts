/** What JetStream writes into the reply subject of a message it hands out. */

export interface HandedOut {
  /** 1 for the first time. */
  readonly tries: number;
  readonly sequence: number;
  readonly storedMs: number;
}

/**
 * Undefined when it is no such subject.
 * @see ADR-15 of NATS: nine words, or two more where accounts and domains stand before the stream
 */
export function handedOut(reply: string): HandedOut | undefined {
  const words = reply.split('.');
  if (words[0] !== '$JS' || words[1] !== 'ACK' || words.length < 9) return undefined;
  const at = words.length === 9 ? 2 : 4;
  const tries = Number(words[at + 2]);
  const sequence = Number(words[at + 3]);
  const storedMs = Math.floor(Number(words[at + 5]) / 1e6);
  const sound = tries >= 1 && sequence >= 1 && storedMs > 0;
  return sound && Number.isSafeInteger(tries) && Number.isSafeInteger(sequence)
    ? { tries, sequence, storedMs }
    : undefined;
}
