/** Knows of every message of the office what became of it: handled, or a dead letter, or replaced; once, and in order. */
import type { ActorSystem, DeadLetter, MailCounts, TreeNode } from '../../../runtime/index.ts';
import type { Life } from '../../../runtime/simulation/index.ts';
import type { SimEvent } from '../events.ts';
import { allIn } from '../support.ts';

export interface Job {
  readonly type: 'job';
  readonly id: string;
  /** Sender, as far as order goes: those of one name are handled in order. */
  readonly from: string;
  readonly n: number;
  readonly key: string;
  readonly mood: 'fine' | 'fall' | 'poison';
}

interface Fate {
  readonly to: string;
  readonly job: Job;
  begun: boolean;
  /** Times handled, and dead letters of it that were not sent again: one in all. */
  ends: number;
}

export class MailRoom {
  readonly #life: Life<SimEvent>;
  readonly #fates = new Map<string, Fate>();
  readonly #lost = new Map<string, number>();
  readonly #counts = new Map<string, number>();
  /** Has been sent again: its sender's order is no longer kept. */
  readonly #again = new Set<string>();

  constructor(life: Life<SimEvent>) {
    this.#life = life;
  }

  /** The next message of a sender to an address. */
  make(to: string, sender: string, key: string, mood: Job['mood']): Job {
    const from = `${sender}/${this.#life.node.epoch}`;
    const n = (this.#counts.get(`${from} ${to}`) ?? 0) + 1;
    this.#counts.set(`${from} ${to}`, n);
    const job: Job = { type: 'job', id: `${from} ${to} ${n}`, from, n, key, mood };
    this.#fates.set(job.id, { to, job, begun: false, ends: 0 });
    return job;
  }

  /** @returns true the first time */
  begins({ id }: Job): boolean {
    const fate = this.#fates.get(id);
    const first = fate !== undefined && !fate.begun;
    if (fate !== undefined) fate.begun = true;
    this.#life.note({ kind: 'attempt', id: `${id} ${this.#again.has(id)}` });
    return first;
  }

  handled(by: string, { id, from, n }: Job): void {
    const fate = this.#fates.get(id);
    if (fate === undefined) return;
    fate.ends++;
    if (!this.#again.has(id)) this.#life.note({ kind: 'received', by, from, n });
    this.#life.note({ kind: 'effect', on: by, id });
  }

  /** Listens to dead letters, for as long as the system lives. @param dead told of each message that is one */
  listen(system: ActorSystem, dead: (id: string) => void): void {
    system.deadLetters.subscribe(({ to, reason, message }) => {
      if (reason === 'spill_lost') this.#lost.set(to, (this.#lost.get(to) ?? 0) + 1);
      const fate = reason === 'late_reply' ? undefined : this.#fateOf(message);
      if (fate === undefined) return;
      fate.ends++;
      dead(fate.job.id);
    });
  }

  /** Sends some of the dead letters of one reason again. */
  async replay(system: ActorSystem, reason: DeadLetter['reason'], limit: number): Promise<void> {
    for (const letter of system.deadLetters.recent({ reason }).slice(-limit)) {
      const fate = this.#fateOf(letter.message);
      if (fate === undefined || this.#again.has(fate.job.id) || fate.to.endsWith('urgent')) continue;
      this.#again.add(fate.job.id);
      fate.ends--;
      await system.deadLetters.replay({ ids: [letter.id] }, { limit: 1 });
      this.#life.sometimes(`a dead letter was sent again: ${reason}`);
    }
  }

  /** Nothing waits any more: what was sent is all that became of it. */
  balance(tree: TreeNode): void {
    const mail = new Map(allIn(tree).map(({ path, vitals }) => [path, vitals?.mail]));
    const open = new Map<string, Fate[]>();
    for (const fate of this.#fates.values()) {
      this.#life.always('one end for each message', fate.ends <= 1, `${fate.job.id}: ${fate.ends} ends`);
      // Begun, and neither handled nor dead: the life that had it was ended.
      if (fate.ends === 0 && !fate.begun) open.set(fate.to, [...(open.get(fate.to) ?? []), fate]);
    }
    for (const [to, fates] of open) {
      const replaced = mail.get(to)?.coalesced ?? 0;
      const lost = this.#lost.get(to) ?? 0;
      this.#life.note({ kind: 'sum', of: `unaccounted at ${to}`, is: fates.length, should: replaced + lost });
      for (const { job } of replaced > 0 ? fates : []) this.#hasSuccessor(to, job);
    }
  }

  /** What a mailbox counted is what happened to it. @param own messages it sent itself */
  count(to: string, counts: MailCounts, own: number): void {
    const sent = [...this.#fates.values()].filter((fate) => fate.to === to).length;
    const again = [...this.#again].filter((id) => this.#fates.get(id)?.to === to).length;
    this.#life.note({ kind: 'sum', of: `sent to ${to}`, is: counts.sent, should: sent + again + own });
    const begun = [...this.#fates.values()].filter((fate) => fate.to === to && fate.begun).length;
    this.#life.always(
      'nothing is taken twice',
      counts.taken <= begun + again + own,
      `${counts.taken} at ${to}`,
    );
  }

  #fateOf(message: { readonly type: string }): Fate | undefined {
    return 'id' in message ? this.#fates.get(String(message.id)) : undefined;
  }

  /** Whatever was replaced was replaced by something newer that did not vanish. */
  #hasSuccessor(to: string, { key, id }: Job): void {
    const all = [...this.#fates.values()].filter((fate) => fate.to === to && fate.job.key === key);
    const newer = all.slice(all.findIndex(({ job }) => job.id === id) + 1);
    const well = newer.some(({ ends, begun }) => ends > 0 || begun);
    this.#life.always('only an older one is replaced', well, `${id} was the newest of ${key}`);
  }
}
