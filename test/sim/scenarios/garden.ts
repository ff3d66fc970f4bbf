/** The seeds of the training scenario: each walks the lifecycle by the product's own table, one event a boundary. */
import { SEED_STAGES, type SeedStage } from '../../../contracts/index.ts';
import { type RandomState, type RandomStream, resumeStream } from '../../../contracts/random-stream.ts';
import { ILLEGAL, nextStage, SEED_EVENTS } from '../../../machines/index.ts';
import { type ActorDefinition, accept } from '../../../runtime/index.ts';
import type { Life } from '../../../runtime/simulation/index.ts';
import type { SimEvent } from '../events.ts';

const SEEDS = 4;

export interface Garden {
  /** Numbers of stages, one a seed. */
  readonly stages: number[];
  readonly random: RandomStream;
  /** Rises with every rollback and every life: what was grown since then never happened. */
  season: string;
}

export type GardenMessage =
  | { readonly type: 'look' }
  | { readonly type: 'boundary' }
  | { readonly type: 'fall' };

interface Saved {
  readonly stages: readonly number[];
  readonly random: RandomState;
}

const name = (stage: number): SeedStage => SEED_STAGES[stage] ?? 'UNKNOWN';

function fresh(life: Life<SimEvent>, extra: unknown): Garden {
  const saved = extra as Saved | undefined;
  const random = saved === undefined ? life.ports.random.split('garden') : resumeStream(saved.random);
  return {
    stages: [...(saved?.stages ?? new Array<number>(SEEDS).fill(0))],
    random,
    season: `${life.node.epoch}`,
  };
}

function definition(
  life: Life<SimEvent>,
  plot: Garden,
): ActorDefinition<Garden, GardenMessage, never, { token: string }> {
  let seasons = 0;
  return {
    name: 'garden',
    fresh: () => plot,
    decide: {
      look: (state) => accept(state),
      boundary: (state) => {
        for (const [i, stage] of state.stages.entries()) {
          const to = nextStage(stage, state.random.below(SEED_EVENTS.length), state.random.below(5) > 0);
          if (to === ILLEGAL) continue;
          state.stages[i] = to;
          const seed = `${state.season}/${i}`;
          life.note({ kind: 'seed', seed, from: name(stage), to: name(to) });
          if (name(to) === 'FOSSILIZED') life.sometimes('a seed was fossilized');
        }
        return accept();
      },
      fall: () => {
        throw new Error('the garden fell');
      },
    },
    rollback: {
      capture: ({ stages, random }): Saved => ({ stages: [...stages], random: random.save() }),
      restore: (state, saved) => {
        const { stages, random } = saved as Saved;
        state.stages.splice(0, SEEDS, ...stages);
        state.random.load(random);
        state.season = `${life.node.epoch}.${++seasons}`;
        return state;
      },
      release: () => {},
    },
  };
}

export const garden = { fresh, definition };
