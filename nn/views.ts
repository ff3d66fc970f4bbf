/** Who takes part in which kind of pass. */
import type { View } from './forward.ts';
import type { Seed } from './host-state.ts';

/** A seed's share of the live output, by its mode. */
export const liveShare = ({ mode, alpha }: Pick<Seed, 'mode' | 'alpha'>) =>
  mode === 'live' || mode === 'held' ? alpha : 0;

/** A training step: the host and all live seeds learn together; held ones rest. */
export const trainingView: View = {
  share: liveShare,
  hostLearns: true,
  seedLearns: ({ mode }) => mode === 'live',
};

/** Nothing learns. @param without left out; @param withShadow added at alpha 1 whatever their mode */
export function lookingView(without: ReadonlySet<string>, withShadow: ReadonlySet<string>): View {
  return {
    share: (seed) => (without.has(seed.seedId) ? 0 : withShadow.has(seed.seedId) ? 1 : liveShare(seed)),
    hostLearns: false,
    seedLearns: () => false,
  };
}

/** A seed's own lesson: only it learns, at full strength, over a host that stands still. */
export function isolatedView(seedId: string): View {
  return {
    share: (seed) => (seed.seedId === seedId ? 1 : liveShare(seed)),
    hostLearns: false,
    seedLearns: (seed) => seed.seedId === seedId,
  };
}
