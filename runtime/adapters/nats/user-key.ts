/** Keys that users prove themselves to a NATS server with: the server knows the public half only. */
import { nkeys } from 'nats';

export interface NatsUserKey {
  /** Begins with `U`; stands in the configuration of the server. */
  readonly publicKey: string;
  /** Begins with `SU`; a secret. */
  readonly seed: string;
}

/** The public half. @param seed of a user; the caller knows that it is one */
export const publicKeyOf = (seed: string): string =>
  nkeys.fromSeed(new TextEncoder().encode(seed)).getPublicKey();

export function newNatsUserKey(): NatsUserKey {
  const pair = nkeys.createUser();
  return { publicKey: pair.getPublicKey(), seed: new TextDecoder().decode(pair.getSeed()) };
}
