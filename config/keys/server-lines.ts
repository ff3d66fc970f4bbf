/** The part of a nats-server configuration that says who may connect and what they may do. */
import { permissionsOf, type UserKind } from './permissions.ts';

export interface ServerUser {
  readonly name: string;
  readonly kind: UserKind;
  /** Public nkey. */
  readonly publicKey: string;
}

/** Paths of PEM files, as the server will find them. */
export interface ServerCertificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

const TLS_13 = ['TLS_AES_256_GCM_SHA384', 'TLS_AES_128_GCM_SHA256', 'TLS_CHACHA20_POLY1305_SHA256'];
const quoted = (text: string): string => JSON.stringify(text);
const list = (subjects: readonly string[]): string => `[${subjects.map(quoted).join(', ')}]`;

/** Lines for TLS with certificates on both sides, and for users without passwords; nobody else gets in. */
export const securityLines = (
  cluster: string,
  users: readonly ServerUser[],
  tls: ServerCertificates,
): readonly string[] => [
  'tls {',
  `  cert_file: ${quoted(tls.cert)}`,
  `  key_file: ${quoted(tls.key)}`,
  `  ca_file: ${quoted(tls.ca)}`,
  '  verify: true',
  // an old server knows no `min_version`; without a cipher of TLS 1.2 nothing older than 1.3 comes about, on any
  `  cipher_suites: ${list(TLS_13)}`,
  '  timeout: 5',
  '}',
  ...userBlock(cluster, users),
];

/** Who may come in, and what each may do there. */
export const userBlock = (cluster: string, users: readonly ServerUser[]): readonly string[] => [
  'authorization {',
  '  users: [',
  ...users.flatMap((user) => userLines(cluster, user)),
  '  ]',
  '}',
];

function userLines(cluster: string, { name, kind, publicKey }: ServerUser): readonly string[] {
  const { publish, deny, subscribe, answers } = permissionsOf(cluster, kind, name);
  return [
    `    # ${name} (${kind})`,
    '    {',
    `      nkey: ${publicKey}`,
    '      permissions: {',
    `        publish: { allow: ${list(publish)}, deny: ${list(deny)} }`,
    `        subscribe: { allow: ${list(subscribe)} }`,
    ...(answers ? ['        allow_responses: { max: 8, expires: "1m" }'] : []),
    '      }',
    '    }',
  ];
}

/** A whole configuration for a server of one's own: loopback only until somebody changes `listen`. */
export const serverConfig = (storeDir: string, security: readonly string[]): string =>
  ['listen: "127.0.0.1:4222"', 'jetstream {', `  store_dir: ${quoted(storeDir)}`, '}', ...security, ''].join(
    '\n',
  );
