/** The audit of one node: lines are chained and on the disk before a command acts, and the end is signed now and then. */
import { type AuditEntry, type AuditFacts, EsperError } from '../../contracts/index.ts';
import type { Clock } from '../../runtime/ports/clock.ts';
import type { Disk, OpenFile } from '../../runtime/ports/disk.ts';
import type { Hasher } from '../../runtime/ports/hasher.ts';
import type { Signer, TokenVerifier } from '../../runtime/ports/tokens.ts';
import { type ChainEnd, chainLine, HEAD_FILE, segmentName, segmentsIn } from './audit-chain.ts';
import { AUDIT_HEAD_TYPE, AUDIT_ISSUER, type AuditDamage, verifyAudit } from './audit-verify.ts';

/** Lines between two signed heads. */
const HEAD_EVERY = 64;
/** Bytes after which a file is full and the chain goes on in the next. */
const SEGMENT_BYTES = 8 << 20;
/** Lines that a look at the newest can reach without reading files. */
const NEWEST = 200;
/** Refusals written down at once, and how many more each second: strangers must not fill the disk. */
const REFUSALS_AT_ONCE = 60;
const REFUSALS_A_SECOND = 1;

export interface AuditLogOptions {
  readonly disk: Disk;
  /** Of this node alone. */
  readonly folder: string;
  readonly node: string;
  readonly hasher: Hasher;
  readonly clock: Clock;
  readonly signer: Signer;
  /** Knows the signer's key, so that a start notices what was done to the folder meanwhile. */
  readonly tokens: TokenVerifier;
}

export class AuditLog {
  readonly #options: AuditLogOptions;
  #file: OpenFile;
  #length: number;
  #end: ChainEnd;
  #newest: AuditEntry[];
  #head: string | null = null;
  #headSeq = 0;
  #unwritten = 0;
  #refusals = REFUSALS_AT_ONCE;
  #refilledMs: number;
  #line: Promise<unknown> = Promise.resolve();

  /** Reads the whole folder first. @throws AUDIT_TAMPERED when it is not what this node wrote */
  static async open(options: AuditLogOptions): Promise<AuditLog> {
    const { disk, folder, hasher, tokens } = options;
    await disk.folder(folder);
    const found = await verifyAudit({ disk, folder, hasher, tokens, keep: NEWEST });
    if (found.damage !== null) throw tampered(folder, found.damage);
    const files = await segmentsIn(disk, folder);
    const name = files.at(-1) ?? segmentName(1);
    const file = await disk.open(`${folder}/${name}`, 'append');
    if (found.torn !== null) {
      await file.truncate(found.torn.at);
      await file.sync();
    }
    await disk.syncFolder(folder);
    const log = new AuditLog(options, {
      file,
      length: await file.size(),
      end: found.end,
      newest: [...found.newest],
    });
    await log.#sign(); // before the first line: where there are lines there is a head
    return log;
  }

  private constructor(
    options: AuditLogOptions,
    at: { file: OpenFile; length: number; end: ChainEnd; newest: AuditEntry[] },
  ) {
    this.#options = options;
    this.#file = at.file;
    this.#length = at.length;
    this.#end = at.end;
    this.#newest = at.newest;
    this.#refilledMs = options.clock.nowMs();
  }

  /** Resolves with the number of the line when it is on the disk. @throws DISK_..., after which it takes no more */
  append(facts: AuditFacts): Promise<number> {
    return this.#inTurn(() => this.#write(facts));
  }

  /** A refusal; when there are too many they are only counted, and the next line says how many. */
  async refuse(facts: AuditFacts): Promise<void> {
    this.#refill();
    if (this.#refusals < 1) {
      this.#unwritten += 1;
      return;
    }
    this.#refusals -= 1;
    await this.append(facts);
  }

  /** The newest lines, oldest first, and the newest signed head. */
  tail(count: number): { readonly entries: readonly AuditEntry[]; readonly head: string | null } {
    return { entries: this.#newest.slice(-Math.min(count, NEWEST)), head: this.#head };
  }

  /** Signs the end and lets go of the file. */
  close(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#headSeq < this.#end.seq) await this.#sign();
      await this.#file.close();
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#line.then(work);
    // once a write failed nobody knows what is on the disk: every later one fails alike until the node starts anew
    this.#line = done;
    this.#line.catch(() => undefined);
    return done;
  }

  async #write(facts: AuditFacts): Promise<number> {
    const { node, clock, hasher } = this.#options;
    if (this.#length >= SEGMENT_BYTES) await this.#turnPage();
    const body = {
      v: 1 as const,
      seq: this.#end.seq + 1,
      node,
      atMs: clock.wallMs(),
      ...facts,
      unwritten: this.#unwritten,
      prevHash: this.#end.hash,
    };
    const { text, hash } = chainLine(body, hasher);
    const bytes = new TextEncoder().encode(`${text}\n`);
    await this.#file.write(bytes, this.#length);
    await this.#file.sync();
    this.#length += bytes.length;
    this.#end = { seq: body.seq, hash };
    this.#unwritten -= body.unwritten;
    this.#newest.push({ ...body, hash });
    if (this.#newest.length > NEWEST) this.#newest.shift();
    if (this.#end.seq - this.#headSeq >= HEAD_EVERY) await this.#sign();
    return body.seq;
  }

  async #turnPage(): Promise<void> {
    const { disk, folder } = this.#options;
    await this.#sign();
    await this.#file.close();
    this.#file = await disk.open(`${folder}/${segmentName(this.#end.seq + 1)}`, 'append');
    await disk.syncFolder(folder);
    this.#length = 0;
  }

  async #sign(): Promise<void> {
    const { disk, folder, node, signer, clock } = this.#options;
    const { seq, hash } = this.#end;
    const iat = Math.floor(clock.wallMs() / 1_000);
    const head = await signer.sign(AUDIT_HEAD_TYPE, { iss: AUDIT_ISSUER, node, seq, hash, iat });
    await disk.writeAtomic(`${folder}/${HEAD_FILE}`, new TextEncoder().encode(`${head}\n`));
    this.#head = head;
    this.#headSeq = seq;
  }

  #refill(): void {
    const nowMs = this.#options.clock.nowMs();
    const gained = ((nowMs - this.#refilledMs) / 1_000) * REFUSALS_A_SECOND;
    this.#refusals = Math.min(REFUSALS_AT_ONCE, this.#refusals + gained);
    this.#refilledMs = nowMs;
  }
}

const tampered = (folder: string, { file, line, seq, why }: AuditDamage): EsperError =>
  new EsperError(
    'AUDIT_TAMPERED',
    `the audit in ${folder} is not as it was written: entry ${seq} (${file}${line > 0 ? `, line ${line}` : ''}): ${why}`,
    { folder, file, line, seq, why },
    { hint: `keep a copy, find out who did it, then move the folder away: esper audit verify ${folder}` },
  );
