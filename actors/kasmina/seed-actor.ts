/** One seed as an actor: it guards its own lifecycle. Kasmina asks it to move; it agrees or refuses; nothing else changes a stage. */
import type { GateResult, SeedStage } from '../../contracts/index.ts';
import { isLegal } from '../../machines/index.ts';
import { accept, defineActor, refuse } from '../../runtime/local.ts';

export interface SeedSelf {
  readonly stage: SeedStage;
}

export type SeedMessage =
  | { readonly type: 'seed.move'; readonly to: SeedStage; readonly gate: GateResult | null }
  | { readonly type: 'seed.break' };

interface SeedMoved {
  readonly to: SeedStage;
}

/** Arguments: where in its life the seed is when its actor starts or starts again. A function, because the record moves on. */
export interface SeedArgs {
  readonly stage: () => SeedStage;
}

export const seedActor = defineActor<SeedSelf, SeedMessage, SeedMoved, SeedArgs>({
  name: 'seed',
  light: true,
  fresh: (_, { stage }) => ({ stage: stage() }),
  decide: {
    'seed.move': (self, { to, gate }) => {
      if (!isLegal(self.stage, to)) {
        return refuse('KASMINA_ILLEGAL_TRANSITION', { from: self.stage, to });
      }
      if (gate && !gate.passed)
        return refuse('KASMINA_GATE_CLOSED', { gate: gate.gate, reasons: gate.reasons });
      return accept<SeedMoved>('moved', { to });
    },
    'seed.break': () => {
      throw new Error('a seed actor was told to crash by the fault plan');
    },
  },
  evolve: (_, { to }) => ({ stage: to }),
});
