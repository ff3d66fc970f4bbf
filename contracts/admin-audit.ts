/** One line of a node's audit: who commanded what and what came of it, chained to the line before. */
import { type Static, Type } from '@sinclair/typebox';
import { Count, WallMs } from './units.ts';

const Hash = Type.String({ pattern: '^[0-9a-f]{64}$' });

/** What was before the first line. */
export const AUDIT_GENESIS = '0'.repeat(64);

export const AuditFacts = Type.Object(
  {
    /** Joins the line with what the caller was told. */
    request: Type.String(),
    who: Type.String({ description: 'name of the key; `unknown` where none could be believed' }),
    kid: Type.String(),
    role: Type.String(),
    verb: Type.String(),
    /** Without secrets and shortened. */
    args: Type.Record(Type.String(), Type.Unknown()),
    /** `begun` is written before a command acts, `done` or `failed` after it; `refused` stands alone. */
    outcome: Type.Union([
      Type.Literal('begun'),
      Type.Literal('done'),
      Type.Literal('failed'),
      Type.Literal('refused'),
      Type.Literal('answered'),
    ]),
    /** The exact reason of a refusal, the code of a failure; else empty. */
    why: Type.String(),
  },
  { additionalProperties: false },
);
export type AuditFacts = Static<typeof AuditFacts>;

export const AuditEntry = Type.Object(
  {
    v: Type.Literal(1),
    /** 1-based, without gaps. */
    seq: Type.Integer({ minimum: 1 }),
    node: Type.String(),
    atMs: WallMs,
    ...AuditFacts.properties,
    /** Refusals before this line that were counted only, because there were too many to write down. */
    unwritten: Count,
    prevHash: Hash,
    /** SHA-256 of the line without this field. */
    hash: Hash,
  },
  { additionalProperties: false },
);
export type AuditEntry = Static<typeof AuditEntry>;

/** How far a node's audit reached when this was signed: what shows that lines were cut off. */
export const AuditHead = Type.Object({
  iss: Type.Literal('esper-audit'),
  node: Type.String(),
  seq: Count,
  hash: Hash,
  iat: Count,
});
export type AuditHead = Static<typeof AuditHead>;

export const AuditAnswer = Type.Object(
  {
    entries: Type.Array(AuditEntry),
    /** The newest signed head, a compact JWS: keep it elsewhere and lines cut off later are found. */
    head: Type.Union([Type.String(), Type.Null()]),
  },
  { additionalProperties: false },
);
export type AuditAnswer = Static<typeof AuditAnswer>;
