/** Takes a group of actors back in time together: the newest few consistent cuts, and which of them to trust. */
import assert from 'node:assert/strict';
import { EsperError } from '../../contracts/failure.ts';
import type {
  BarrierOptions,
  CheckpointEntry,
  CheckpointId,
  Checkpoints,
  RollbackOutcome,
} from '../actor/checkpoints.ts';
import { asError } from '../actor/errors.ts';
import type { Letter } from '../actor/letter.ts';
import type { GroupMember } from '../actor/overseer.ts';
import type { Clock } from '../ports/clock.ts';
import type { FailPoints } from '../ports/fail-points.ts';
import type { Ids } from '../ports/ids.ts';
import { atRest } from './barrier.ts';

/** A checkpoint that failed this often is not trusted again. */
const FAILURES_MAX = 2;

interface Kept {
  readonly id: CheckpointId;
  readonly meta: unknown;
  readonly capturedAtMs: number;
  captureMs: number;
  failures: number;
  quarantined: boolean;
  /** Empty once released. */
  readonly saved: Map<GroupMember, Copy>;
  /** What members had sent each other; null when nobody looked. */
  mail: ReadonlyMap<GroupMember, readonly Letter[]> | null;
}

interface Copy {
  readonly of: unknown;
  /** As it was when the copy was made. */
  readonly digest: string | undefined;
}

export interface RollbackGroupOptions {
  /** Those who take part, now; asked at each capture and restore. */
  readonly members: () => readonly GroupMember[];
  readonly clock: Clock;
  readonly ids: Ids;
  /** Checkpoints kept, default 5. */
  readonly size?: number;
  /** Only tests bring them. */
  readonly failPoints?: FailPoints | null;
  /** Hears of a copy that could not be let go. Nobody is stopped by that. */
  readonly notReleased?: (path: string, error: Error) => void;
}

export class RollbackGroup implements Checkpoints {
  readonly #options: RollbackGroupOptions;
  readonly #size: number;
  #kept: Kept[] = [];
  /** Restored, and nothing captured since: another restore means that the life after it failed. */
  #onTrial: Kept | null = null;
  /** Times the group went back. */
  #restored = 0;
  #restoring = false;
  #barrier: Promise<unknown> = Promise.resolve();

  constructor(options: RollbackGroupOptions) {
    this.#options = options;
    this.#size = options.size ?? 5;
  }

  /** Everyone has a state to restore into, and there is, or was, something to restore. */
  get ready(): boolean {
    return this.#kept.length > 0 && this.#options.members().every((member) => member.alive);
  }

  /** @throws ROLLBACK_NOT_READY when a participant has no state; whatever a participant's capture throws */
  capture(meta: unknown = null): CheckpointId {
    return this.#capture(meta, false);
  }

  /** One after the other: two at a time would let go of each other's members. */
  barrier(meta: unknown = null, { withinMs = 1_000 }: BarrierOptions = {}): Promise<CheckpointId> {
    const { clock, members } = this.#options;
    const world = { clock, members, epoch: () => this.#restored };
    const cut = this.#barrier.then(() => atRest(world, withinMs, () => this.#capture(meta, true)));
    this.#barrier = cut.catch(() => {}); // whoever asked for it is told
    return cut;
  }

  #capture(meta: unknown, withMail: boolean): CheckpointId {
    const { clock, ids, members } = this.#options;
    const capturedAtMs = clock.nowMs();
    const saved = new Map<GroupMember, Copy>();
    const group = members();
    const kept: Kept = {
      id: ids.next('checkpoint'),
      meta,
      capturedAtMs,
      captureMs: 0,
      failures: 0,
      quarantined: false,
      saved,
      mail: null,
    };
    try {
      for (const member of group) saved.set(member, captureOf(member));
    } catch (thrown) {
      this.#release(kept);
      throw thrown;
    }
    const paths = new Set(group.map(({ path }) => path));
    if (withMail) kept.mail = new Map(group.map((member) => [member, member.mailFrom(paths)]));
    kept.captureMs = clock.nowMs() - capturedAtMs;
    this.#kept.push(kept);
    this.#onTrial = null;
    if (this.#kept.length > this.#size) for (const kept of this.#kept.splice(0, 1)) this.#release(kept);
    return kept.id;
  }

  /** @throws ROLLBACK_EXHAUSTED when no checkpoint can be trusted any more */
  restore(
    options: { readonly reason?: string; readonly before?: CheckpointId | undefined } = {},
  ): RollbackOutcome {
    assert(!this.#restoring, 'a group that is going back cannot be asked to go back');
    this.#restoring = true;
    try {
      return this.#restore(options);
    } finally {
      this.#restoring = false;
    }
  }

  #restore({
    reason,
    before,
  }: {
    readonly reason?: string;
    readonly before?: CheckpointId | undefined;
  }): RollbackOutcome {
    const { clock, members } = this.#options;
    const startedMs = clock.nowMs();
    const group = members();
    for (const member of group) member.interrupt(false);
    if (this.#onTrial !== null) this.#blame(this.#onTrial);
    let candidates = this.#trusted(group, before);
    let cause: unknown;
    for (let attempts = 1; ; attempts++) {
      const newest = this.#newestSound(candidates);
      if (newest === undefined) throw exhausted(reason, cause);
      try {
        this.#putBack(newest, group);
        this.#forgetAfter(newest);
        this.#restored++;
        this.#onTrial = newest;
        return { checkpoint: newest.id, meta: newest.meta, ms: clock.nowMs() - startedMs, attempts };
      } catch (thrown) {
        cause = asError(thrown);
        this.#blame(newest);
        candidates = candidates.filter((kept) => !kept.quarantined);
      }
    }
  }

  quarantine(id: CheckpointId): void {
    const kept = this.#kept.find((one) => one.id === id);
    if (kept !== undefined) this.#lock(kept);
  }

  list(): readonly CheckpointEntry[] {
    return this.#kept.map(({ saved: _, mail, ...entry }) => ({ ...entry, mail: mail && sizeOf(mail) }));
  }

  /** Lets go of everything: the lives these checkpoints belong to are over. */
  clear(): void {
    for (const kept of this.#kept) this.#release(kept);
    this.#kept = [];
    this.#onTrial = null;
  }

  /** The lives of all members are over: whatever they had sent each other belongs to them, and goes too. */
  end(): void {
    this.dropMail();
    this.clear();
  }

  /** All members begin anew, with no checkpoint: what they had sent each other belongs to lives that are over. */
  dropMail(): void {
    const group = this.#options.members();
    const paths = new Set(group.map(({ path }) => path));
    for (const member of group) member.remail(paths, []);
  }

  /** A cut that lacks one of those who take part now is no cut. */
  #trusted(group: readonly GroupMember[], before: CheckpointId | undefined): Kept[] {
    const end = before === undefined ? -1 : this.#kept.findIndex((kept) => kept.id === before);
    const older = end === -1 ? this.#kept : this.#kept.slice(0, end);
    return older.filter(
      ({ quarantined, saved }) => !quarantined && group.every((member) => saved.has(member)),
    );
  }

  /** States first: should one of them fail, the mail is still what it was. */
  #putBack({ saved, mail }: Kept, group: readonly GroupMember[]): void {
    for (const member of group) member.restore(saved.get(member)?.of);
    this.#options.failPoints?.hit('rollbackAfterLoadBeforeResume');
    if (mail === null) return;
    const paths = new Set([...mail.keys()].map(({ path }) => path));
    for (const member of group) member.remail(paths, mail.get(member) ?? []);
  }

  /** A copy that is no longer what was captured is not restored even once. */
  #newestSound(candidates: readonly Kept[]): Kept | undefined {
    return candidates.findLast((kept) => {
      const sound = isSound(kept);
      if (!sound) this.#lock(kept);
      return sound;
    });
  }

  #lock(kept: Kept): void {
    kept.quarantined = true;
    this.#release(kept);
  }

  #release({ saved }: Kept): void {
    for (const [member, { of }] of saved) {
      try {
        member.release(of);
      } catch (thrown) {
        this.#options.notReleased?.(member.path, asError(thrown));
      }
    }
    saved.clear();
  }

  #blame(kept: Kept): void {
    kept.failures++;
    if (kept.failures >= FAILURES_MAX) this.#lock(kept);
  }

  /** Trusted checkpoints newer than the one restored belong to a future that will not happen. */
  #forgetAfter(restored: Kept): void {
    const from = this.#kept.indexOf(restored) + 1;
    const gone = this.#kept.filter((kept, i) => i >= from && !kept.quarantined);
    for (const kept of gone) this.#release(kept);
    this.#kept = this.#kept.filter((kept) => !gone.includes(kept));
  }
}

function captureOf(member: GroupMember): Copy {
  if (member.alive) {
    const of = member.capture();
    return { of, digest: member.digest(of) };
  }
  throw new EsperError('ROLLBACK_NOT_READY', `${member.path} has no state to capture`, { path: member.path });
}

/** Is every copy still what was captured? */
function isSound({ saved }: Kept): boolean {
  try {
    return [...saved].every(([member, { of, digest }]) => member.digest(of) === digest);
  } catch {
    return false; // what cannot even be looked at is not trusted
  }
}

const sizeOf = (mail: ReadonlyMap<GroupMember, readonly Letter[]>) =>
  [...mail.values()].reduce((sum, { length }) => sum + length, 0);

const exhausted = (reason: string | undefined, cause: unknown) =>
  new EsperError(
    'ROLLBACK_EXHAUSTED',
    'no checkpoint of the group can be trusted any more',
    { reason: reason ?? '' },
    { cause, hint: 'The supervisor above decides; a run resumes from its newest checkpoint on disk.' },
  );
