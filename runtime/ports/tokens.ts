/** Signed statements: who made one is proved by a key that is known beforehand, never by one that it brings along. */

export interface Signer {
  /** Name of the key. */
  readonly kid: string;
  /** A compact JWS. @param type `typ` of its header */
  sign(type: string, claims: Readonly<Record<string, unknown>>): Promise<string>;
}

/** What a statement must satisfy besides its signature. Times are seconds. */
export interface TokenPolicy {
  readonly type: string;
  readonly issuer: string;
  readonly audience?: string;
  readonly requiredClaims: readonly string[];
  /** How long ago it may have been made, and how long it may live; no limit without it. */
  readonly lifeS?: number;
  readonly slackS: number;
  /** UTC milliseconds. */
  readonly nowMs: number;
}

export type TokenVerdict =
  | { readonly ok: true; readonly kid: string; readonly claims: Readonly<Record<string, unknown>> }
  /** `why` is for the audit, not for whoever sent it. */
  | { readonly ok: false; readonly kid: string; readonly why: string };

export interface TokenVerifier {
  verify(token: string, policy: TokenPolicy): Promise<TokenVerdict>;
}
