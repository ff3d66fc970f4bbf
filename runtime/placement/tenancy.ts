/** One unit on one node: waits for its lease, runs, gives its state away, stops. It acts under the lease or not at all. */
import type { HostedUnit, UnitPhase, UnitSpec } from '../../contracts/placement.ts';
import { type StartOrdered, UnitReported } from '../../contracts/placement-messages.ts';
import type { Held } from '../remote/tenure.ts';
import { weightOf } from './bid.ts';
import { leaseOf } from './names.ts';
import type { Premises } from './premises.ts';
import { doorOf, unitTree } from './unit-tree.ts';

export type Terms = Pick<StartOrdered, 'order' | 'spec' | 'reportTo' | 'given' | 'giver'>;
/** How it ended, for whoever ordered it. */
type Ending = { readonly what: UnitReported['what']; readonly why: string };

export class Tenancy {
  readonly id: number;
  readonly #house: Premises;
  #terms: Terms;
  #phase: UnitPhase = 'waiting';
  #hold: { release(): Promise<void> } | null = null;
  #held: Held | null = null;
  #door = '';
  /** A tree is on its way up: it must be there before it can be gone. */
  #rising = false;
  #ending: Ending | null = null;
  /** Where it is given to, and whether it was taken there. */
  #heir: { readonly node: string; taken: boolean } | null = null;
  /** Why it was taken back from there, for whoever wanted it to move; empty once that was said. */
  #setback = '';
  #dueMs: number;

  constructor(house: Premises, id: number, terms: Terms) {
    this.id = id;
    this.#house = house;
    this.#terms = terms;
    this.#dueMs = this.#newDueMs();
    this.#tryForLease();
  }

  get spec(): UnitSpec {
    return this.#terms.spec;
  }
  get phase(): UnitPhase {
    return this.#phase;
  }
  get view(): HostedUnit {
    const { unit } = this.spec;
    return { unit, phase: this.#phase, epoch: this.#held?.epoch ?? 0, weight: weightOf(this.spec) };
  }

  /** The same is wanted again, perhaps by another steward. False when it is on its way out. */
  orderedAgain(terms: Terms): boolean {
    if (this.#phase === 'stopping' || this.#phase === 'moving') return false;
    this.#terms = {
      ...terms,
      given: terms.given ?? this.#terms.given,
      giver: terms.giver || this.#terms.giver,
    };
    if (this.#phase === 'running') this.#report('running');
    if (this.#phase === 'waiting') this.#dueMs = this.#newDueMs();
    return true;
  }

  gained(held: Held): void {
    // It may have been lost again while this message waited.
    if (this.#phase !== 'waiting' || !held.held()) return;
    const { house, unit } = this.#here;
    const factory = house.factory(unit);
    const { given } = this.#terms;
    this.#held = held;
    this.#phase = 'starting';
    // Whoever came in between has changed what this state knows nothing of.
    const fresh = given !== null && given.epoch === held.previous;
    if (given !== null && !fresh) house.outdated(unit, given.epoch, held.previous);
    this.#rising = true;
    house.begin(unit, this.id, () => {
      const tree = unitTree(factory, { unit, held, given: fresh ? (given.state ?? undefined) : undefined });
      this.#door = doorOf(unit, factory, tree);
      return tree;
    });
  }

  /** @param why it could not start; null when it has */
  started(why: string | null): void {
    this.#rising = false;
    if (this.#phase === 'stopping') {
      this.#here.house.end(this.spec.unit, this.id);
    } else if (why !== null) {
      this.stop({ what: 'failed', why });
    } else {
      this.#terms = { ...this.#terms, given: null };
      this.#runs();
      this.#report('running', this.#setback);
      this.#setback = '';
    }
  }

  lost(why: string): void {
    if (this.#held === null || this.#phase === 'stopping') return;
    this.stop({ what: 'down', why });
  }

  /** The tree has ended by itself. */
  fell(): void {
    this.stop({ what: 'down', why: 'it ended, or fell too often' });
  }

  stop(ending: Ending): void {
    if (this.#phase === 'stopping') return;
    const treeless = this.#phase === 'waiting' || (this.#phase === 'moving' && this.#heir?.taken === true);
    this.#phase = 'stopping';
    this.#ending = ending;
    this.#silence();
    if (treeless) this.#leave();
    else this.#here.house.end(this.spec.unit, this.id);
  }

  /** The tree is gone. */
  async ended(): Promise<void> {
    if (this.#rising) return;
    if (this.#phase === 'stopping') this.#leave();
    else if (this.#phase === 'moving' && this.#heir !== null && this.#terms.given !== null)
      this.#here.house.hand(this.#heir.node, this.id, { ...this.#terms, given: this.#terms.given });
  }

  /** Begins to hand it over; what arrives from now on waits for the new place. False when it does not run. */
  move(terms: Omit<Terms, 'given' | 'giver'>, to: string): boolean {
    if (this.#phase !== 'running') return false;
    this.#terms = { ...this.#terms, ...terms };
    this.#phase = 'moving';
    this.#heir = { node: to, taken: false };
    this.#silence();
    this.#here.house.take(this.spec, this.#door, this.id);
    return true;
  }

  /** The state is here, or why it is not: then the unit goes on where it is. */
  taken(answer: { readonly state: unknown } | { readonly why: string }): void {
    if (this.#phase !== 'moving' || this.#held === null) return;
    if ('why' in answer) {
      this.#heir = null;
      this.#runs();
      this.#report('kept', answer.why);
      return;
    }
    this.#terms = { ...this.#terms, given: { epoch: this.#held.epoch, state: answer.state } };
    this.#here.house.end(this.spec.unit, this.id);
  }

  /** @param no why the other node has not said yes, and the unit comes back to life here; null: the lease is let go for it */
  async handed(no: string | null): Promise<void> {
    if (this.#phase !== 'moving' || this.#heir === null) return;
    this.#heir.taken = true;
    this.#held = null;
    this.#dueMs = this.#newDueMs();
    const heir = this.#heir;
    await this.#release();
    // It may have been taken back, or given up, while the store was slow.
    if (no !== null && this.#heir === heir && this.phase === 'moving') this.#takeBack(no);
  }

  /** What has become of it over there. */
  heard({ what, epoch, why }: UnitReported): void {
    if (this.#phase !== 'moving' || this.#heir?.taken !== true) return;
    if (what === 'running') {
      this.stop({ what: 'stopped', why: 'it has moved' });
      return;
    }
    // A tenure that never acted leaves the state as good as it was before.
    const { given } = this.#terms;
    if (given !== null && what === 'failed' && epoch > given.epoch)
      this.#terms = { ...this.#terms, given: { ...given, epoch } };
    this.#takeBack(why);
  }

  /** Once in a while: is everything as it should be? */
  look(nowMs: number): void {
    const { house, unit } = this.#here;
    if (this.#phase === 'running' && !house.stands(unit)) this.fell();
    if (this.#phase === 'waiting' && nowMs >= this.#dueMs)
      this.stop({ what: 'failed', why: 'it did not get its lease in time' });
    if (this.#phase !== 'moving' || this.#heir?.taken !== true) return;
    const { directory } = house;
    if (directory.epochOf(unit) > (this.#terms.given?.epoch ?? 0) && directory.where(unit).kind === 'there')
      this.stop({ what: 'stopped', why: 'it has moved' });
    else if (!directory.isNear(this.#heir.node)) this.#takeBack(`${this.#heir.node} is out of reach`);
    else if (nowMs >= this.#dueMs) this.#takeBack(`${this.#heir.node} did not start it in time`);
  }

  /** At the end of the agent: the tree stops, then others may have the unit. */
  async close(): Promise<void> {
    this.#phase = 'stopping';
    this.#silence();
    await this.#here.house.endNow(this.spec.unit);
    await this.#release();
  }

  #takeBack(why: string): void {
    this.#setback = why;
    this.#heir = null;
    this.#phase = 'waiting';
    this.#dueMs = this.#newDueMs();
    this.#tryForLease();
  }

  #tryForLease(): void {
    const { house, unit } = this.#here;
    this.#hold = house.hold(leaseOf(unit), unit, this.id);
  }

  #runs(): void {
    const { house, unit } = this.#here;
    this.#phase = 'running';
    house.directory.here(unit, this.#held?.epoch ?? 0, this.#door);
  }

  /** Messages for it wait, or look for it elsewhere. */
  #silence(): void {
    if (this.#held !== null) this.#here.house.directory.over(this.spec.unit, this.#held.epoch);
  }

  #leave(): void {
    const { what, why } = this.#ending ?? { what: 'stopped', why: '' };
    this.#here.house.leave(this.spec.unit, this.id);
    void this.#release().then(() => this.#report(what, why));
  }

  async #release(): Promise<void> {
    const hold = this.#hold;
    this.#hold = null;
    await hold?.release();
  }

  #report(what: UnitReported['what'], why = ''): void {
    const { house, unit } = this.#here;
    const { order, reportTo, giver } = this.#terms;
    const epoch = this.#held?.epoch ?? 0;
    const report = UnitReported.of({ order, unit, node: house.node, what, epoch, why: why.slice(0, 512) });
    house.send(reportTo, report);
    if (giver === '') return;
    this.#terms = { ...this.#terms, giver: '' };
    house.send(giver, report);
  }

  #newDueMs(): number {
    return this.#house.nowMs() + this.#house.startMs;
  }

  get #here(): { readonly house: Premises; readonly unit: string } {
    return { house: this.#house, unit: this.#terms.spec.unit };
  }
}
