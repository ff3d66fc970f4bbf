/** Who may command a running cluster: roles are bound to keys, and what is not listed for a role is refused. */
import { type Static, Type } from '@sinclair/typebox';

/** Narrow to wide; none contains another, a key may carry several. */
export const ADMIN_ROLES = ['viewer', 'operator', 'trainer', 'admin', 'auditor'] as const;
export type AdminRole = (typeof ADMIN_ROLES)[number];

export const AdminRoleName = Type.Union(ADMIN_ROLES.map((role) => Type.Literal(role)));

/** One key that commands are believed from. Public; the file with these is pinned on every node. */
export const AdminKey = Type.Object(
  {
    kid: Type.String({
      pattern: '^[a-z0-9-]{1,64}$',
      description: 'name of the key in the header of a token',
    }),
    who: Type.String({
      pattern: '^[a-z0-9@._-]{1,64}$',
      description: 'whose key it is, as the audit names them',
    }),
    roles: Type.Array(AdminRoleName, { minItems: 1, uniqueItems: true }),
    x: Type.String({ pattern: '^[A-Za-z0-9_-]{43}$', description: 'Ed25519 public key, base64url' }),
    untilMs: Type.Optional(
      Type.Integer({
        minimum: 0,
        description: 'of a key that was replaced: believed until then, UTC milliseconds',
      }),
    ),
  },
  { additionalProperties: false },
);
export type AdminKey = Static<typeof AdminKey>;

/** `admin-keys.json`: public keys of those who may command, and of the nodes that sign what they have recorded. */
export const AdminKeySet = Type.Object(
  {
    v: Type.Literal(1),
    cluster: Type.String({ pattern: '^[a-z0-9-]{1,32}$' }),
    keys: Type.Array(AdminKey, { maxItems: 1_000 }),
    auditKeys: Type.Array(Type.Omit(AdminKey, ['roles', 'untilMs'], { additionalProperties: false }), {
      maxItems: 1_000,
    }),
  },
  { additionalProperties: false },
);
export type AdminKeySet = Static<typeof AdminKeySet>;
