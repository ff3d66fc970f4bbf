/** What each kind of user may say and hear on the NATS server: the server's own fence, outside of signatures and roles. */
import { ADMIN_VERBS, type AdminRole, type AdminVerb, adminSubject, roleFor } from '../../contracts/index.ts';

/** A node serves; the others only ask. */
export type UserKind = 'node' | AdminRole;

export interface Permissions {
  readonly publish: readonly string[];
  readonly deny: readonly string[];
  readonly subscribe: readonly string[];
  /** May answer whoever asked it, wherever their answers arrive. */
  readonly answers: boolean;
}

/** Streams a cluster keeps: its leases, its work, its dead letters, what is too large for a message. */
const streamsOf = (cluster: string): readonly string[] => {
  const upper = cluster.toUpperCase();
  return [`KV_${cluster}`, `${upper}_JOBS`, `${upper}_DEAD`, `${upper}_ARTIFACTS`];
};

/**
 * @param user name of the user; its answers arrive where nobody else may listen
 */
export function permissionsOf(cluster: string, kind: UserKind, user: string): Permissions {
  const inbox = `_INBOX_${cluster}_${user}.>`;
  if (kind === 'node') {
    return {
      publish: [
        `${cluster}.>`,
        `$KV.${cluster}.>`,
        '$SRV.>',
        ...streamsOf(cluster).flatMap(streamSubjects),
        ...LOOKS,
      ],
      deny: ['$JS.API.STREAM.DELETE.>', '$JS.API.STREAM.RESTORE.>', '$JS.API.STREAM.SNAPSHOT.>'],
      subscribe: [`${cluster}.>`, '$SRV.>', inbox],
      answers: true,
    };
  }
  return { publish: [...verbsOf(cluster, kind), '$SRV.>'], deny: [], subscribe: [inbox], answers: false };
}

const LOOKS = ['$JS.API.INFO', '$JS.API.STREAM.NAMES', '$JS.API.STREAM.LIST'];

/** The server names the stream as the third or the fourth word after `$JS.API`, and mostly says more behind it. */
const streamSubjects = (stream: string): readonly string[] => [
  `$JS.API.*.*.${stream}`,
  `$JS.API.*.*.${stream}.>`,
  `$JS.API.*.*.*.${stream}`,
  `$JS.API.*.*.*.${stream}.>`,
  `$JS.ACK.${stream}.>`,
  `$JS.FC.${stream}.>`,
];

/** Subjects of the commands that the table gives to this role. */
const verbsOf = (cluster: string, role: AdminRole): readonly string[] =>
  (Object.keys(ADMIN_VERBS) as AdminVerb[])
    .filter((verb) => roleFor(verb, [role]) !== undefined)
    .flatMap((verb) => [
      ...(ADMIN_VERBS[verb].where === 'any' ? [adminSubject(cluster, null, verb)] : []),
      adminSubject(cluster, '*', verb),
    ]);
