/** Where each key of a cluster lies below its folder. */
export const KEY_PATHS = {
  secret: 'cluster.secret',
  adminKeys: 'admin-keys.json',
  serverConfig: 'nats-server.conf',
  ca: 'tls/ca.pem',
  caKey: 'tls/ca.key.pem',
  adminKey: (role: string) => `admin/${role}.key.json`,
  auditKey: (node: string) => `audit/${node}.key.json`,
  seed: (user: string) => `nats/${user}.seed`,
  cert: (user: string) => `tls/${user}.pem`,
  certKey: (user: string) => `tls/${user}.key.pem`,
} as const;
