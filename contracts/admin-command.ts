/** A signed command: what stands in its token, where it is sent, and what comes back. */
import { type Static, Type } from '@sinclair/typebox';
import { Count } from './units.ts';

/** `typ` of the token's header: a token made for something else is worth nothing here. */
export const ADMIN_TOKEN_TYPE = 'esper-admin+jwt';
export const ADMIN_ISSUER = 'esper-admin';
/** Seconds a token may live at most. */
export const ADMIN_TOKEN_LIFE_S = 300;
/** Seconds two clocks may differ. */
export const ADMIN_CLOCK_SLACK_S = 30;
/** Seconds a caller is believed to wait who does not say for how long, besides those a command asks for itself. */
export const ADMIN_WAIT_S = 10;
/** Seconds that those commands wait for what was asked to be done which wait at all, unless somebody says otherwise. */
export const ADMIN_WITHIN_S = 30;
/** Bytes of a whole request. */
export const ADMIN_REQUEST_BYTES_MAX = 32_768;

export const AdminClaims = Type.Object(
  {
    iss: Type.Literal(ADMIN_ISSUER),
    aud: Type.String(),
    jti: Type.String({ minLength: 16, maxLength: 128 }),
    iat: Count,
    nbf: Type.Optional(Count),
    exp: Count,
    cmd: Type.String({ maxLength: 64 }),
    args: Type.Record(Type.String(), Type.Unknown()),
    /** Carried out only while what it is about is in this epoch. */
    expectedEpoch: Type.Optional(Count),
    /** Given twice with the same command, it is carried out once and answered alike. */
    idempotencyKey: Type.Optional(Type.String({ minLength: 8, maxLength: 128 })),
    /** Milliseconds the caller waits for the answer, from its sending on; whoever answers waits less for others. */
    waitMs: Type.Optional(Type.Integer({ minimum: 1, maximum: 3_600_000 })),
  },
  { additionalProperties: false },
);
export type AdminClaims = Static<typeof AdminClaims>;

export const AdminRequest = Type.Object(
  { token: Type.String({ minLength: 1, maxLength: ADMIN_REQUEST_BYTES_MAX }) },
  { additionalProperties: false },
);
export type AdminRequest = Static<typeof AdminRequest>;

export const AdminReply = Type.Object(
  {
    v: Type.Literal(1),
    /** Who answered. */
    node: Type.String(),
    /** Names this command in the audit of that node. */
    request: Type.String(),
    /** It had been carried out before, under the same idempotency key: this is what was answered then. */
    again: Type.Boolean(),
    result: Type.Unknown(),
  },
  { additionalProperties: false },
);
export type AdminReply = Static<typeof AdminReply>;

/** For whom a token is: all nodes of a cluster, or one of them. */
export const adminAudience = (cluster: string, node: string | null): string =>
  node === null ? cluster : `${cluster}/${node}`;

/** Where a command is sent: to whichever node answers first, or to one. */
export const adminSubject = (cluster: string, node: string | null, verb: string): string =>
  node === null ? `${cluster}.admin.v1.${verb}` : `${cluster}.admin.v1.${node}.${verb}`;
