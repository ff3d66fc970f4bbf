/** Where this process is in the life of its run, told by the lifecycle machine: what the machine forbids is a bug here. */
import { initialTransition, transition } from 'xstate';
import { type RunMachineEvent, trainingRun } from '../../machines/index.ts';

export class RunLife {
  #snapshot = initialTransition(trainingRun)[0];

  /** The state's name, as people and dashboards see it. */
  get status(): string {
    return String(this.#snapshot.value);
  }

  /** @throws when the machine has no such way out of the present state */
  tell(event: RunMachineEvent['type']): void {
    if (!this.#snapshot.can({ type: event }))
      throw new Error(`a run that is ${this.status} does not take '${event}'`);
    [this.#snapshot] = transition(trainingRun, this.#snapshot, { type: event });
  }

  /** The loop begins, for the first time or again after the group went back. */
  begin(): void {
    this.tell(this.#snapshot.matches('rolling_back') ? 'rolledBack' : 'prepared');
  }

  /** The group goes back: perhaps again, before the loop could begin. */
  goBack(): void {
    if (!this.#snapshot.matches('rolling_back')) this.tell('rollBack');
  }

  /** Everything is on the disk. */
  settle(interrupted: boolean): void {
    this.tell(interrupted ? 'interrupt' : 'settled');
  }

  /** A boundary adapted, or adaptation rests because the journal is down or Tamiyo needs peace. */
  adapting(asked: boolean): void {
    if (asked === this.#snapshot.hasTag('adapts')) return;
    this.tell(asked ? 'recover' : 'degrade');
  }
}
