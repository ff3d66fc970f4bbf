/** What anybody can see of the admin service: its name, and every command with its schema and its roles. */
import { ADMIN_VERBS, type AdminVerb, adminSubject } from '../../contracts/index.ts';
import type { Asked, EndpointSpec, ServiceSpec } from '../../runtime/ports/services.ts';

export const ADMIN_SERVICE = 'esper-admin';

export interface AdminFace {
  /** Prefix of the cluster's subjects. */
  readonly cluster: string;
  readonly node: string;
  /** Semantic version of this Esper. */
  readonly version: string;
}

export type Take = (verb: AdminVerb, node: string | null, asked: Asked) => Promise<Uint8Array>;

/** What `$SRV.INFO` shows: every command with its schema and its roles, once for any node and once for this one. */
export function adminFace({ cluster, node, version }: AdminFace, take: Take): ServiceSpec {
  const verbs = Object.keys(ADMIN_VERBS) as AdminVerb[];
  const endpoint = (verb: AdminVerb, at: string | null): EndpointSpec => ({
    name: at === null ? verb : `${verb}-here`,
    subject: adminSubject(cluster, at, verb),
    metadata: metadataOf(verb),
    handle: (asked) => take(verb, at, asked),
  });
  return {
    name: ADMIN_SERVICE,
    version,
    description: `commands the cluster ${cluster}; requests are {"token": "<signed command>"}`,
    metadata: { cluster, node },
    endpoints: verbs.flatMap((verb) => [
      ...(ADMIN_VERBS[verb].where === 'any' ? [endpoint(verb, null)] : []),
      endpoint(verb, node),
    ]),
  };
}

const metadataOf = (verb: AdminVerb): Record<string, string> => {
  const { about, roles, effect, args, answer } = ADMIN_VERBS[verb];
  return {
    about,
    effect,
    roles: roles.join(' '),
    args: JSON.stringify(args),
    answer: JSON.stringify(answer),
  };
};
