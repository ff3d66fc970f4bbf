/** The audit: every line that was changed, moved, taken out or cut off is found and named. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AuditLog, type AuditLogOptions } from '../../../actors/admin/audit-log.ts';
import { verifyAudit } from '../../../actors/admin/audit-verify.ts';
import type { AuditFacts } from '../../../contracts/index.ts';
import { newSigningKey, tokenSigner, tokenVerifier } from '../../../runtime/adapters/jose/tokens.ts';
import { memoryClock } from '../../../runtime/adapters/memory/clock.ts';
import { type MemoryDisk, memoryDisk } from '../../../runtime/adapters/memory/disk.ts';
import { nodeHasher } from '../../../runtime/adapters/node/hasher.ts';

const facts = (request: string, more: Partial<AuditFacts> = {}): AuditFacts => ({
  ...{ request, who: 'operator', kid: 'operator-1', role: 'operator', verb: 'actors-move' },
  ...{ args: { unit: 'karn', 2: 'x', 1: 'y' }, outcome: 'done', why: '' },
  ...more,
});

async function desk() {
  const key = await newSigningKey('audit-n1');
  const clock = memoryClock({ wallMs: 1e12 });
  const options: AuditLogOptions = {
    ...{ disk: memoryDisk(), folder: 'audit', node: 'n1', hasher: nodeHasher(), clock },
    signer: tokenSigner(key),
    tokens: tokenVerifier([key]),
  };
  return { ...options, clock, disk: options.disk as MemoryDisk };
}
type Desk = Awaited<ReturnType<typeof desk>>;

/** An audit of so many lines, closed in order. */
async function written(lines: number): Promise<Desk> {
  const at = await desk();
  const log = await AuditLog.open(at);
  for (let line = 1; line <= lines; line++) await log.append(facts(`req-${line}`));
  await log.close();
  return at;
}

const FILE = 'audit/audit-000000000001.jsonl';
const textOf = (at: Desk, path = FILE) => new TextDecoder().decode(at.disk.dump().get(path));
const put = (at: Desk, lines: readonly string[]) =>
  at.disk.put(FILE, new TextEncoder().encode(lines.map((line) => `${line}\n`).join('')));
const linesOf = (at: Desk) => textOf(at).trimEnd().split('\n');
const verify = (at: Desk, head?: string) =>
  verifyAudit({ ...at, keep: 10, ...(head === undefined ? {} : { head }) });

describe('an audit', () => {
  it('is whole as it was written, also over restarts', async () => {
    const at = await written(3);
    const log = await AuditLog.open(at);
    await log.append(facts('req-4'));
    await log.close();

    expect(await verify(at)).toMatchObject({ ok: true, end: { seq: 4 }, signedTo: 4, damage: null });
    expect((await verify(at)).newest.map(({ request }) => request)).toEqual([
      'req-1',
      'req-2',
      'req-3',
      'req-4',
    ]);
  });

  it.each<[name: string, change: (lines: string[]) => string[], seq: number, why: RegExp]>([
    ['edited', (lines) => lines.with(2, (lines[2] as string).replace('karn', 'urza')), 3, /changed/],
    ['taken out', (lines) => lines.toSpliced(2, 1), 3, /stands where 3/],
    [
      'swapped',
      (lines) => lines.with(2, lines[3] as string).with(3, lines[2] as string),
      3,
      /stands where 3/,
    ],
    ['cut off', (lines) => lines.slice(0, 4), 5, /cut off/],
    ['emptied', () => [], 1, /cut off/],
    ['doubled', (lines) => lines.toSpliced(2, 0, lines[1] as string), 3, /stands where 3/],
    ['followed by words', (lines) => [...lines, 'words'], 7, /no line/],
  ])('that was %s is found', async (_, change, seq, why) => {
    const at = await written(6);
    put(at, change(linesOf(at)));

    const { ok, damage } = await verify(at);
    expect({ ok, seq: damage?.seq }).toEqual({ ok: false, seq });
    expect(damage?.why).toMatch(why);
    await expect(AuditLog.open(at)).rejects.toMatchObject({ code: 'AUDIT_TAMPERED' });
  });

  it('that was written anew from its beginning is found by the head', async () => {
    const at = await written(5);
    const forged = await AuditLog.open({ ...at, disk: at.disk, folder: 'forged' });
    for (let line = 1; line <= 5; line++) await forged.append(facts(`other-${line}`));
    at.disk.put(FILE, at.disk.dump().get('forged/audit-000000000001.jsonl') as Uint8Array);

    expect((await verify(at)).damage).toMatchObject({ seq: 5, why: 'line 5 is not the one that was signed' });
  });

  it('does not believe a head that somebody else signed', async () => {
    const [at, other] = [await written(5), await written(5)];

    expect((await verify(at, textOf(other, 'audit/audit.head'))).damage?.why).toMatch(/not to be believed/);
  });

  it('cut off together with its head is found by a head that was kept elsewhere', async () => {
    const at = await written(5);
    const kept = textOf(at, 'audit/audit.head');
    const shorter = await AuditLog.open({ ...at, disk: memoryDisk() });
    await shorter.append(facts('req-1'));
    const head = shorter.tail(0).head ?? '';
    put(at, linesOf(at).slice(0, 1));
    at.disk.put('audit/audit.head', new TextEncoder().encode(head));

    expect((await verify(at, kept)).damage).toMatchObject({ seq: 2, why: expect.stringMatching(/cut off/) });
  });

  it('without a head is not believed', async () => {
    const at = await written(2);
    await at.disk.remove('audit/audit.head');

    expect((await verify(at)).damage?.why).toMatch(/no signed head/);
  });

  it('finds every changed byte', async () => {
    const at = await written(3);
    const bytes = at.disk.dump().get(FILE) as Uint8Array;
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 2), fc.integer({ min: 1, max: 255 }), async (place, by) => {
        const changed = bytes.slice();
        changed[place] = (changed[place] as number) ^ by;
        at.disk.put(FILE, changed);
        expect((await verify(at)).ok).toBe(false);
      }),
      { numRuns: 60 },
    );
  });

  it('goes on after a crash that cut its last line short', async () => {
    const at = await written(2);
    const whole = textOf(at);
    at.disk.put(FILE, new TextEncoder().encode(`${whole}{"v":1,"se`));
    const log = await AuditLog.open(at);
    await log.append(facts('req-3'));
    await log.close();

    expect(await verify(at)).toMatchObject({ ok: true, end: { seq: 3 } });
  });

  it('writes down so many refusals, and how many it did not', async () => {
    const at = await desk();
    const log = await AuditLog.open(at);
    for (let n = 0; n < 100; n++) await log.refuse(facts(`req-${n}`, { outcome: 'refused' }));
    const before = log.tail(200).entries.length;
    await at.clock.advance(1_000);
    await log.refuse(facts('req-100', { outcome: 'refused' }));

    expect(before).toBe(60);
    expect(log.tail(1).entries[0]).toMatchObject({ request: 'req-100', unwritten: 40 });
    await log.close();
  });

  it('takes no more after a write that failed', async () => {
    const at = await desk();
    const log = await AuditLog.open(at);
    at.disk.capacity = 0;
    await expect(log.append(facts('req-1'))).rejects.toMatchObject({ code: 'DISK_FULL' });
    at.disk.capacity = Number.POSITIVE_INFINITY;

    await expect(log.append(facts('req-2'))).rejects.toMatchObject({ code: 'DISK_FULL' });
  });
});
