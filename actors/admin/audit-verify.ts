/** Is an audit whole? Reads every line of a folder and names the first that is wrong, or that was cut off. */
import { type AuditEntry, AuditHead } from '../../contracts/index.ts';
import { checkerOf } from '../../runtime/checker.ts';
import type { Disk } from '../../runtime/ports/disk.ts';
import type { Hasher } from '../../runtime/ports/hasher.ts';
import type { TokenVerifier } from '../../runtime/ports/tokens.ts';
import { type ChainEnd, chainStart, HEAD_FILE, linkOf, segmentsIn } from './audit-chain.ts';

export const AUDIT_HEAD_TYPE = 'esper-audit+jwt';
export const AUDIT_ISSUER = 'esper-audit';
const heads = checkerOf(AuditHead);

export interface AuditDamage {
  readonly file: string;
  /** 1-based; 0 where it is about the file as a whole. */
  readonly line: number;
  readonly seq: number;
  readonly why: string;
}

export interface AuditReport {
  readonly ok: boolean;
  readonly end: ChainEnd;
  /** Number of the last line a signed head vouches for; null when there is no head to check. */
  readonly signedTo: number | null;
  readonly damage: AuditDamage | null;
  /** The newest lines, at most `keep`. */
  readonly newest: readonly AuditEntry[];
  /** A line that a crash cut short at the very end: it was never acknowledged. Its file, and where it begins in bytes. */
  readonly torn: { readonly file: string; readonly at: number } | null;
}

export interface VerifyOptions {
  readonly disk: Disk;
  readonly folder: string;
  readonly hasher: Hasher;
  /** Knows the keys that heads are signed with; without it heads are not looked at. */
  readonly tokens: TokenVerifier | null;
  /** A head that was kept elsewhere, instead of the one in the folder. */
  readonly head?: string;
  readonly keep: number;
}

export async function verifyAudit(options: VerifyOptions): Promise<AuditReport> {
  const { disk, folder } = options;
  const walk = new Walk(options);
  const files = await segmentsIn(disk, folder);
  for (const [at, file] of files.entries()) {
    walk.file(file, await disk.read(`${folder}/${file}`), at === files.length - 1);
    if (walk.damage !== null) break;
  }
  const signedTo = walk.damage === null ? await checkHead(options, walk) : null;
  const { end, damage, newest, torn } = walk;
  return { ok: damage === null, end, signedTo, damage, newest, torn };
}

class Walk {
  end: ChainEnd = chainStart;
  damage: AuditDamage | null = null;
  newest: AuditEntry[] = [];
  torn: AuditReport['torn'] = null;
  /** Hash of the line the head speaks of, when it went by. */
  readonly hashes = new Map<number, string>();
  readonly #options: VerifyOptions;

  constructor(options: VerifyOptions) {
    this.#options = options;
  }

  file(file: string, bytes: Uint8Array, last: boolean): void {
    const { hasher, keep } = this.#options;
    const text = new TextDecoder().decode(bytes);
    const lines = text.split('\n');
    const rest = lines.pop() ?? '';
    for (const [at, line] of lines.entries()) {
      const link = linkOf(line, this.end, hasher);
      if ('why' in link) {
        this.damage = { file, line: at + 1, seq: this.end.seq + 1, why: link.why };
        return;
      }
      this.end = { seq: link.entry.seq, hash: link.entry.hash };
      this.hashes.set(this.end.seq, this.end.hash);
      this.newest.push(link.entry);
      if (this.newest.length > keep) this.newest.shift();
    }
    if (rest === '') return;
    if (last) this.torn = { file, at: bytes.length - new TextEncoder().encode(rest).length };
    else this.damage = { file, line: lines.length + 1, seq: this.end.seq + 1, why: 'it was cut short' };
  }
}

/** A chain that was cut off at its end is whole in itself: only somebody who signed how far it reached can tell. */
async function checkHead(options: VerifyOptions, walk: Walk): Promise<number | null> {
  const { disk, folder, tokens } = options;
  if (tokens === null) return null;
  const stored = `${folder}/${HEAD_FILE}`;
  const head =
    options.head ?? ((await disk.exists(stored)) ? new TextDecoder().decode(await disk.read(stored)) : null);
  const blame = (why: string, seq: number): null => {
    walk.damage = { file: HEAD_FILE, line: 0, seq, why };
    return null;
  };
  if (head === null) return walk.end.seq === 0 ? null : blame('there is no signed head', walk.end.seq);
  const verdict = await tokens.verify(head.trim(), {
    type: AUDIT_HEAD_TYPE,
    issuer: AUDIT_ISSUER,
    requiredClaims: ['seq', 'hash', 'node', 'iat'],
    slackS: 0,
    nowMs: 0,
  });
  if (!verdict.ok) return blame(`the head is not to be believed: ${verdict.why}`, walk.end.seq);
  if (!heads.check(verdict.claims)) return blame('the head does not hold what a head holds', walk.end.seq);
  const { seq, hash } = verdict.claims;
  if (seq > walk.end.seq)
    return blame(
      `lines ${walk.end.seq + 1} to ${seq} were cut off: the head vouches for them`,
      walk.end.seq + 1,
    );
  if (seq > 0 && walk.hashes.get(seq) !== hash)
    return blame(`line ${seq} is not the one that was signed`, seq);
  return seq;
}
