/** The only place that sets a learning rate. */
import type { RateConfig } from '../contracts/run-config.ts';
import type { Rates } from './types.ts';

/** A group of weights that share a rate: the host, or a seed from its first step on. */
interface RateGroup {
  readonly groupId: string;
  readonly bornAtStep: number;
  readonly warmsUp: boolean;
}

export interface RateState {
  readonly groups: readonly RateGroup[];
  readonly step: number;
  readonly violations: number;
}

/**
 * Rates by group and step. The host follows the policy; a new group starts at `warmupFactor` of the host's rate and
 * reaches it after `warmupSteps`. Before every step the rates handed out last are compared with what was verified
 * then: a difference is counted as LR_INTEGRITY and undone, never a crash.
 */
export class UnifiedLRController {
  readonly #config: RateConfig;
  readonly #base: number;
  readonly #totalSteps: number;
  #groups = new Map<string, RateGroup>([['host', { groupId: 'host', bornAtStep: 0, warmsUp: false }]]);
  #step = 0;
  #rates: Record<string, number> = {};
  #verified: Rates = {};
  #violations = 0;
  #share = 1;

  /** @param base the host's full rate; @param totalSteps length of the run, over which a cosine falls */
  constructor(config: RateConfig, base: number, totalSteps: number) {
    this.#config = config;
    this.#base = base;
    this.#totalSteps = totalSteps;
  }

  /** Adds a group; its warm-up begins at `bornAtStep`. A group that is there already stays as it is. */
  admit(groupId: string, bornAtStep: number): void {
    if (!this.#groups.has(groupId)) this.#groups.set(groupId, { groupId, bornAtStep, warmsUp: true });
  }

  /** Removes a group: its seed was uprooted, or its weights joined the host. */
  dismiss(groupId: string): void {
    if (groupId !== 'host') this.#groups.delete(groupId);
  }

  /**
   * Lets every group have only this share of its rate from the next step on: the governor's cut after a divergence.
   * Not part of `save`: going back in time must not undo it.
   */
  brake(share: number): void {
    this.#share = share;
  }

  /** Rates of optimiser step `stepNumber`, 0-based. The single mutation point. */
  step(stepNumber: number): Rates {
    this.#verify();
    this.#step = stepNumber;
    this.#rates = Object.fromEntries(
      [...this.#groups.values()].map((group) => [group.groupId, this.#rateOf(group, stepNumber)]),
    );
    this.#verified = { ...this.#rates };
    return this.#rates;
  }

  /** How often rates were found changed by another hand (LR_INTEGRITY). */
  violations(): number {
    return this.#violations;
  }

  save(): RateState {
    return { groups: [...this.#groups.values()], step: this.#step, violations: this.#violations };
  }

  load({ groups, step, violations }: RateState): void {
    this.#groups = new Map(groups.map((group) => [group.groupId, group]));
    this.#violations = violations;
    this.#rates = {};
    this.#verified = {};
    this.step(step);
  }

  #rateOf({ bornAtStep, warmsUp }: RateGroup, stepNumber: number): number {
    const full = this.#policyRate(stepNumber);
    const { warmupSteps, warmupFactor } = this.#config;
    if (!warmsUp || warmupSteps === 0) return full;
    const progress = Math.min(1, Math.max(0, stepNumber - bornAtStep) / warmupSteps);
    return full * (warmupFactor + (1 - warmupFactor) * progress);
  }

  #policyRate(stepNumber: number): number {
    const { policy, minimum } = this.#config;
    if (policy === 'constant') return this.#share * this.#base;
    const progress = Math.min(1, stepNumber / Math.max(1, this.#totalSteps));
    return this.#share * (minimum + (this.#base - minimum) * 0.5 * (1 + Math.cos(Math.PI * progress)));
  }

  #verify(): void {
    for (const [groupId, expected] of Object.entries(this.#verified)) {
      const found = this.#rates[groupId];
      const tolerance = Math.max(1e-12, 1e-6 * Math.abs(expected));
      if (found === undefined || !(Math.abs(found - expected) <= tolerance)) {
        this.#violations++;
        this.#rates[groupId] = expected;
      }
    }
  }
}
