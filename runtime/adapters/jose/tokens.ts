/** Signed statements by Ed25519: made and checked with jose, whose defaults check less than is asked for here. */
import {
  calculateJwkThumbprint,
  decodeProtectedHeader,
  errors,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
  jwtVerify,
  SignJWT,
} from 'jose';
import type { Signer, TokenPolicy, TokenVerdict, TokenVerifier } from '../../ports/tokens.ts';

const ALGORITHM = 'EdDSA';

/** An Ed25519 key pair: `d` is the secret, `x` what others may know; both base64url. */
export interface SigningKey {
  readonly kid: string;
  readonly x: string;
  readonly d: string;
}

/** @param name first part of its `kid`; the rest is the beginning of its thumbprint */
export async function newSigningKey(name: string): Promise<SigningKey> {
  const { privateKey } = await generateKeyPair(ALGORITHM, { crv: 'Ed25519', extractable: true });
  const jwk = await exportJWK(privateKey);
  const print = (await calculateJwkThumbprint(jwk)).toLowerCase().replace(/[^a-z0-9]/g, '');
  return { kid: `${name}-${print.slice(0, 10)}`, x: jwk.x as string, d: jwk.d as string };
}

export function tokenSigner({ kid, x, d }: SigningKey): Signer {
  const key = importJWK({ kty: 'OKP', crv: 'Ed25519', x, d }, ALGORITHM);
  return {
    kid,
    sign: async (type, claims) =>
      new SignJWT({ ...claims }).setProtectedHeader({ alg: ALGORITHM, typ: type, kid }).sign(await key),
  };
}

/** @param keys the only ones that are believed; what a token says of its own key is not looked at */
export function tokenVerifier(keys: readonly { readonly kid: string; readonly x: string }[]): TokenVerifier {
  const byKid = new Map(keys.map(({ kid, x }) => [kid, { kty: 'OKP', crv: 'Ed25519', x } as JWK]));
  return {
    async verify(token, policy): Promise<TokenVerdict> {
      const kid = kidOf(token);
      const jwk = byKid.get(kid);
      if (jwk === undefined) return { ok: false, kid: '', why: 'no key of that kid is known' };
      try {
        const { payload } = await jwtVerify(token, await importJWK(jwk, ALGORITHM), checks(policy));
        const why = tooLong(payload, policy);
        return why === null ? { ok: true, kid, claims: payload } : { ok: false, kid, why };
      } catch (thrown) {
        if (thrown instanceof errors.JOSEError) return { ok: false, kid, why: reason(thrown) };
        throw thrown;
      }
    },
  };
}

function kidOf(token: string): string {
  try {
    const { kid } = decodeProtectedHeader(token);
    return typeof kid === 'string' ? kid : '';
  } catch (thrown) {
    if (thrown instanceof TypeError || thrown instanceof errors.JOSEError) return '';
    throw thrown;
  }
}

const checks = ({ type, issuer, audience, requiredClaims, lifeS, slackS, nowMs }: TokenPolicy) => ({
  algorithms: [ALGORITHM],
  typ: type,
  issuer,
  requiredClaims: [...requiredClaims],
  clockTolerance: slackS,
  currentDate: new Date(nowMs),
  ...(audience === undefined ? {} : { audience }),
  ...(lifeS === undefined ? {} : { maxTokenAge: lifeS }),
});

/** The library sees to how old it is; how long it wanted to live is for us to see. */
function tooLong(
  { iat = 0, exp = 0 }: { iat?: number; exp?: number },
  { lifeS }: TokenPolicy,
): string | null {
  return lifeS !== undefined && exp - iat > lifeS ? `it lives ${exp - iat} s, more than ${lifeS}` : null;
}

function reason(error: errors.JOSEError): string {
  const claim = 'claim' in error ? ` (${String(error.claim)})` : '';
  return `${error.code}${claim}: ${error.message}`;
}
