/** Who may pass: a request is believed only when signature, policy, role, schema and freshness all agree. */
import { Value } from '@sinclair/typebox/value';
import {
  ADMIN_CLOCK_SLACK_S,
  ADMIN_ISSUER,
  ADMIN_REQUEST_BYTES_MAX,
  ADMIN_TOKEN_LIFE_S,
  ADMIN_TOKEN_TYPE,
  ADMIN_VERBS,
  AdminClaims,
  type AdminKeySet,
  AdminRequest,
  type AdminRole,
  type AdminVerb,
  adminAudience,
  roleFor,
} from '../../contracts/index.ts';
import { checkerOf } from '../../runtime/checker.ts';
import type { Clock } from '../../runtime/ports/clock.ts';
import type { TokenVerifier } from '../../runtime/ports/tokens.ts';
import { badArgs } from './errors.ts';
import type { Remembered } from './remembered.ts';

/** Milliseconds a token is remembered beyond its end: more than clocks of one cluster can differ. */
const KEEP_MS = 600_000;

const requests = checkerOf(AdminRequest);
const claimsChecker = checkerOf(AdminClaims);

export interface Admitted {
  readonly verb: AdminVerb;
  readonly args: Readonly<Record<string, unknown>>;
  readonly claims: AdminClaims;
  readonly who: string;
  readonly kid: string;
  readonly role: AdminRole;
}

/** What is known of a request that did not pass; `why` is for the audit alone. */
export interface Refused {
  readonly why: string;
  readonly who: string;
  readonly kid: string;
  readonly args: Readonly<Record<string, unknown>>;
}

export type Verdict =
  | { readonly ok: true; readonly admitted: Admitted }
  | { readonly ok: false; readonly refused: Refused };

export interface GuardOptions {
  readonly cluster: string;
  readonly keys: AdminKeySet;
  readonly tokens: TokenVerifier;
  /** Token ids that were used. */
  readonly used: Remembered;
  readonly clock: Clock;
}

export class Guard {
  readonly #options: GuardOptions;
  readonly #keys: ReadonlyMap<string, AdminKeySet['keys'][number]>;

  constructor(options: GuardOptions) {
    this.#options = options;
    this.#keys = new Map(options.keys.keys.map((key) => [key.kid, key]));
  }

  /**
   * @param node the node a request was sent to by name; null when any node would do
   * @throws LEASES_UNREACHABLE, ADMIN_BUSY when it cannot be known whether the token was used: then it is not let through
   */
  async admit(verb: AdminVerb, node: string | null, bytes: Uint8Array): Promise<Verdict> {
    const request = requestIn(bytes);
    if (request === null) return refusal('no request could be read');
    const verdict = await this.#options.tokens.verify(request.token, this.#policy(node));
    const key = this.#keys.get(verdict.kid);
    if (!verdict.ok || key === undefined)
      return refusal(verdict.ok ? 'the key is not pinned' : verdict.why, { kid: verdict.kid });
    const known = { who: key.who, kid: key.kid };
    if (key.untilMs !== undefined && this.#options.clock.wallMs() >= key.untilMs)
      return refusal('the key was replaced, and is believed no more', known);
    const { claims } = verdict;
    if (!claimsChecker.check(claims)) {
      const first = claimsChecker.firstError(claims);
      return refusal(`claims at ${first?.path ?? '/'}: ${first?.message ?? 'not an object'}`, known);
    }
    const seen = { ...known, args: claims.args };
    if (claims.cmd !== verb) return refusal(`it was signed for ${claims.cmd}, not for ${verb}`, seen);
    const role = roleFor(verb, key.roles);
    if (role === undefined) return refusal(`no role of this key may ${verb}`, seen);
    if (!(await this.#firstUse(claims, key.kid))) return refusal('the token was used before', seen);
    return { ok: true, admitted: { ...seen, verb, claims, role } };
  }

  #policy(node: string | null) {
    return {
      type: ADMIN_TOKEN_TYPE,
      issuer: ADMIN_ISSUER,
      audience: adminAudience(this.#options.cluster, node),
      requiredClaims: ['jti', 'exp', 'iat', 'aud', 'cmd', 'args'],
      lifeS: ADMIN_TOKEN_LIFE_S,
      slackS: ADMIN_CLOCK_SLACK_S,
      nowMs: this.#options.clock.wallMs(),
    };
  }

  async #firstUse({ jti, exp }: AdminClaims, kid: string): Promise<boolean> {
    return (await this.#options.used.claim(`${kid} ${jti}`, exp * 1_000 + KEEP_MS, '')).first;
  }
}

/** Checked only for those who may give the command. @throws ADMIN_ARGS_INVALID */
export function checkArgs({ verb, args }: Admitted): void {
  const first = Value.Errors(ADMIN_VERBS[verb].args, args).First();
  if (first !== undefined) throw badArgs(verb, first.path, first.message);
}

function requestIn(bytes: Uint8Array): AdminRequest | null {
  if (bytes.length > ADMIN_REQUEST_BYTES_MAX) return null;
  try {
    const request: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return requests.check(request) ? request : null;
  } catch (thrown) {
    if (thrown instanceof SyntaxError || thrown instanceof TypeError) return null;
    throw thrown;
  }
}

const refusal = (why: string, known: Partial<Refused> = {}): Verdict => ({
  ok: false,
  refused: { who: 'unknown', kid: '', args: {}, ...known, why },
});
