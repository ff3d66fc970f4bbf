/** What a tenancy may do on its node: the agent's hands, lent. */
import type { UnitSpec } from '../../contracts/placement.ts';
import type { StartOrdered, UnitGiven, UnitReported } from '../../contracts/placement-messages.ts';
import type { SupervisorSpec } from '../supervisor/spec.ts';
import type { Directory } from './directory.ts';
import type { UnitFactory } from './unit-factory.ts';

/** `id` names one tenancy of a unit: what belongs to an older one is not heard. */
export interface Premises {
  readonly node: string;
  readonly directory: Directory;
  /** Milliseconds from an order until it must be fulfilled. */
  readonly startMs: number;
  nowMs(): number;
  factory(unit: string): UnitFactory;
  /** Tries for the lease; the tenancy hears of it by `gained` and `lost`. */
  hold(lease: string, unit: string, id: number): { release(): Promise<void> };
  /** Starts the tree; then `started`. */
  begin(unit: string, id: number, tree: () => SupervisorSpec): void;
  /** Stops the tree; then `ended`. */
  end(unit: string, id: number): void;
  endNow(unit: string): Promise<void>;
  /** Does the tree still stand? */
  stands(unit: string): boolean;
  /** Asks the unit for its state; then `taken`. */
  take(spec: UnitSpec, door: string, id: number): void;
  /** Offers it to another node; then `handed`. */
  hand(
    node: string,
    id: number,
    terms: Pick<StartOrdered, 'order' | 'spec' | 'reportTo'> & { readonly given: UnitGiven },
  ): void;
  send(path: string, report: UnitReported): void;
  /** The tenancy is over. */
  leave(unit: string, id: number): void;
  /** A state came too late to be of use. */
  outdated(unit: string, epoch: number, newest: number): void;
}
