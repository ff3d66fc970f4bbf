/** Tamiyo decides if, when, where and what to grow. An actor around pure functions: its state is one memory object. */
import type { CatalogueEntry, GrowthConfig, RandomState, SystemStatePacket } from '../../contracts/index.ts';
import { accept, defineActor } from '../../runtime/local.ts';
import type { TamiyoMessage } from '../triad.ts';
import { candidates, decide, learn, newMemory, quarantine } from './behaviour.ts';
import type { Fits } from './choose.ts';
import { fieldReports } from './field-report.ts';
import type { TamiyoMemory } from './memory.ts';
import { grant, wishedDraws } from './wishes.ts';

export interface TamiyoArgs {
  readonly growth: GrowthConfig;
  readonly catalogue: readonly CatalogueEntry[];
  /** Where a kernel could grow at all; the network knows. */
  readonly fits: Fits;
  readonly random: RandomState;
  /** What a checkpoint held; null for a run that begins. */
  readonly saved: TamiyoMemory | null;
}

interface Resident {
  memory: TamiyoMemory;
  readonly args: TamiyoArgs;
  /** A fault plan asked for a crash at the next decision. */
  failNext: boolean;
}

export const tamiyo = defineActor<Resident, TamiyoMessage, never, TamiyoArgs>({
  name: 'tamiyo',
  fresh: (_, args) => ({ memory: args.saved ?? newMemory(args.random), args, failNext: false }),
  decide: {
    'tamiyo.candidates': ({ memory, args }, { packet }) =>
      accept(candidates(memory, packet, args.catalogue, args.growth, args.fits)),
    'tamiyo.wished': (self, { packet, wishes }) => accept(wishedDraws(groundOf(self, packet), wishes)),
    'tamiyo.grant': (self, { packet, wishes, draws, scores }) => {
      const { memory, ...granted } = grant(groundOf(self, packet), wishes, { draws, scores });
      self.memory = memory;
      return accept(granted);
    },
    'tamiyo.decide': (self, { packet, draws, scores }) => {
      if (self.failNext) {
        self.failNext = false;
        throw new Error('Tamiyo was told to crash by the fault plan');
      }
      const { memory, decisions } = decide(self.memory, packet, self.args.growth, draws, scores);
      self.memory = memory;
      return accept(decisions);
    },
    'tamiyo.outcome': (self, { transitions, packet }) => {
      self.memory = learn(self.memory, transitions, (id) => familyOf(self.args.catalogue, id));
      return accept(fieldReports(packet, transitions));
    },
    'tamiyo.quarantine': (self, { blueprintIds }) => {
      self.memory = quarantine(self.memory, blueprintIds);
      return accept();
    },
    'tamiyo.fail_next': (self) => {
      self.failNext = true;
      return accept();
    },
    'tamiyo.save': ({ memory }) => accept(memory),
  },
  rollback: {
    capture: ({ memory }) => memory,
    restore: (resident, saved) => {
      resident.memory = saved as TamiyoMemory;
      return resident;
    },
    release: () => {},
  },
});

const groundOf = ({ memory, args: { catalogue, growth, fits } }: Resident, packet: SystemStatePacket) => ({
  ...{ packet, memory, catalogue, growth, fits },
});

const familyOf = (catalogue: readonly CatalogueEntry[], blueprintId: string) =>
  catalogue.find(({ kernel }) => kernel.blueprint.id === blueprintId)?.kernel.blueprint.family ?? blueprintId;
