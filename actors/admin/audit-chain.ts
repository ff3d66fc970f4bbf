/** The chain of an audit: each line carries the hash of the one before, so that no line can be changed, moved or taken out unseen. */
import { AUDIT_GENESIS, AuditEntry } from '../../contracts/index.ts';
import { checkerOf } from '../../runtime/checker.ts';
import type { Disk } from '../../runtime/ports/disk.ts';
import type { Hasher } from '../../runtime/ports/hasher.ts';

const entries = checkerOf(AuditEntry);
const HASH_FIELD = /,"hash":"([0-9a-f]{64})"\}$/;
const SEGMENT = /^audit-\d{12}\.jsonl$/;
export const HEAD_FILE = 'audit.head';

export const segmentName = (firstSeq: number): string => `audit-${String(firstSeq).padStart(12, '0')}.jsonl`;

/** Names of the files that hold lines, oldest first. */
export async function segmentsIn(disk: Disk, folder: string): Promise<readonly string[]> {
  return (await disk.list(folder)).filter((name) => SEGMENT.test(name));
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** One line, without its line break. Hashed is the text itself, so that nobody has to agree on how to write JSON. */
export function chainLine(body: Omit<AuditEntry, 'hash'>, hasher: Hasher): { text: string; hash: string } {
  const json = JSON.stringify(body);
  const hash = hasher.sha256([bytesOf(json)]);
  return { text: `${json.slice(0, -1)},"hash":"${hash}"}`, hash };
}

/** Where a chain stands. */
export interface ChainEnd {
  readonly seq: number;
  readonly hash: string;
}
export const chainStart: ChainEnd = { seq: 0, hash: AUDIT_GENESIS };

/** The entry, or what is wrong with the line as the next one after `before`. */
export function linkOf(
  line: string,
  before: ChainEnd,
  hasher: Hasher,
): { readonly entry: AuditEntry } | { readonly why: string } {
  const hash = HASH_FIELD.exec(line)?.[1];
  if (hash === undefined) return { why: 'it is no line of an audit' };
  const body = `${line.slice(0, -HASH_TAIL)}}`;
  if (hasher.sha256([bytesOf(body)]) !== hash) return { why: 'it was changed: its hash is another' };
  const entry: unknown = JSON.parse(line);
  if (!entries.check(entry)) return { why: 'it does not hold what a line of an audit holds' };
  if (entry.seq !== before.seq + 1)
    return { why: `it is number ${entry.seq} and stands where ${before.seq + 1} belongs` };
  if (entry.prevHash !== before.hash) return { why: 'it does not follow the line before it' };
  return { entry };
}

const HASH_TAIL = `,"hash":"${AUDIT_GENESIS}"}`.length;
