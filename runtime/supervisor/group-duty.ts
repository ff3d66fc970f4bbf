/** A supervisor's rollback group at work: who takes part now, and what everybody hears when it goes back. */
import { Cell } from '../actor/cell.ts';
import type { CheckpointId, RollbackOutcome } from '../actor/checkpoints.ts';
import type { Kernel } from '../actor/kernel.ts';
import type { RolledBack } from '../actor/messages.ts';
import type { Child } from '../actor/overseer.ts';
import type { Participant } from '../actor/participant.ts';
import { RollbackGroup } from './rollback-group.ts';
import type { Slots } from './slots.ts';
import type { SupervisorSpec } from './spec.ts';

export class GroupDuty {
  readonly group: RollbackGroup;
  readonly #kernel: Kernel;
  readonly #path: string;
  readonly #id: string;
  readonly #slots: Slots;

  constructor(kernel: Kernel, path: string, spec: SupervisorSpec, slots: Slots) {
    this.#kernel = kernel;
    this.#path = path;
    this.#id = spec.id;
    this.#slots = slots;
    const { clock, ids, failPoints, log } = kernel;
    const members = () => this.#participants();
    const notReleased = (actor: string, { message: error }: Error) =>
      log.write('error', 'a copy of a checkpoint could not be let go', { actor, error });
    this.group = new RollbackGroup({
      members,
      clock,
      ids,
      failPoints,
      size: spec.checkpoints,
      notReleased,
    });
  }

  /**
   * Takes all back; the one that caused it keeps its present handler.
   * @throws ROLLBACK_EXHAUSTED
   */
  restore(
    cause: Child | null,
    reason: string,
    details: unknown,
    before: CheckpointId | undefined,
  ): RollbackOutcome {
    const { metrics, log } = this.#kernel;
    const members = this.#participants();
    const asking = cause instanceof Cell ? cause.member : null;
    for (const member of members) if (member !== asking) member.interrupt(true);
    const outcome = this.group.restore({ reason, before });
    const message: RolledBack = { type: 'runtime.rolled_back', outcome, reason, details };
    for (const member of members) member.tellSystem(message);
    metrics.count('esper_rollbacks_total', 1, { supervisor: this.#id });
    metrics.observe('esper_rollback_seconds', outcome.ms / 1_000, { supervisor: this.#id });
    log.write('warn', 'rolled back', { supervisor: this.#path, reason, ...outcome });
    return outcome;
  }

  #participants(): readonly Participant[] {
    return this.#slots.list().flatMap(({ child }) => (child instanceof Cell ? (child.member ?? []) : []));
  }
}
