/** Gives a signed command to a cluster and checks what comes back. */
import { Value } from '@sinclair/typebox/value';
import {
  ADMIN_ISSUER,
  ADMIN_TOKEN_TYPE,
  ADMIN_VERBS,
  AdminReply,
  type AdminVerb,
  adminAudience,
  adminSubject,
  EsperError,
} from '../../contracts/index.ts';
import type { Services } from '../../runtime/ports/services.ts';
import type { Signer } from '../../runtime/ports/tokens.ts';

/** Seconds a token lives: long enough for a slow network, too short to be of use to a thief. */
const TOKEN_LIFE_S = 60;

export interface AdminOrder {
  readonly cluster: string;
  /** To whichever node answers first when null. */
  readonly node: string | null;
  readonly verb: AdminVerb;
  readonly args: Readonly<Record<string, unknown>>;
  readonly expectedEpoch?: number;
  readonly idempotencyKey?: string;
  /** Milliseconds the answer is waited for; nodes take it from there how long they wait for each other. */
  readonly waitMs?: number;
}

/** Gives a command; `moreMs` is waited beyond what the answer to a command may take at most. */
export type Ask = (order: AdminOrder, moreMs?: number) => Promise<AdminReply>;

/** The body of a request, as `nats request` would send it: good for one use within a minute. */
export async function signedRequest(order: AdminOrder, signer: Signer, wallMs: number): Promise<string> {
  const { cluster, node, verb, args, expectedEpoch, idempotencyKey, waitMs } = order;
  const iat = Math.floor(wallMs / 1_000);
  const token = await signer.sign(ADMIN_TOKEN_TYPE, {
    iss: ADMIN_ISSUER,
    aud: adminAudience(cluster, node),
    jti: crypto.randomUUID(),
    iat,
    exp: iat + TOKEN_LIFE_S,
    cmd: verb,
    args,
    ...(expectedEpoch === undefined ? {} : { expectedEpoch }),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    ...(waitMs === undefined ? {} : { waitMs: Math.max(1, Math.round(waitMs)) }),
  });
  return JSON.stringify({ token });
}

/** @throws ADMIN_..., SERVICE_NOBODY, SERVICE_SILENT, ADMIN_REPLY_MALFORMED */
export async function command(
  services: Services,
  order: AdminOrder,
  signer: Signer,
  { wallMs, withinMs }: { readonly wallMs: number; readonly withinMs: number },
): Promise<AdminReply> {
  const request = await signedRequest({ ...order, waitMs: withinMs }, signer, wallMs);
  const body = new TextEncoder().encode(request);
  const subject = adminSubject(order.cluster, order.node, order.verb);
  const bytes = await services.ask(subject, body, { withinMs });
  const reply: unknown = JSON.parse(new TextDecoder().decode(bytes));
  if (!Value.Check(AdminReply, reply) || !Value.Check(ADMIN_VERBS[order.verb].answer, reply.result))
    throw new EsperError(
      'ADMIN_REPLY_MALFORMED',
      `the answer to ${order.verb} is not what was agreed`,
      { verb: order.verb },
      { hint: 'does the cluster run another version of Esper?' },
    );
  return reply;
}
