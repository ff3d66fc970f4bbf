/** All invariants at once: a checker that finds none of its words in a history has nothing to say. */
import type { Violation } from '../../../runtime/simulation/index.ts';
import { acknowledgedIsDurable } from './durability.ts';
import { noEffectTwice, twoAttemptsAtMost } from './effects.ts';
import { auditChainHolds, everythingIsBounded, noSecretIsLogged, sumsAreKept } from './evidence.ts';
import {
  nothingUnverifiedRuns,
  rollbackIsIdentical,
  seedsKeepToTheirPaths,
  stepsWithoutGap,
} from './learning.ts';
import { orderPerSender } from './order.ts';
import { fencedWritesRise, oneOwner, ownersInTurn } from './ownership.ts';
import type { SimHistory } from './pick.ts';
import { everyQuestionIsSettledOnce, restartsWithinIntensity } from './supervision.ts';

/** @param slackMs how late answers may be: more where nodes stand still or clocks drift */
export function checkAll(history: SimHistory, { slackMs = 25 } = {}): Violation[] {
  return [
    ...acknowledgedIsDurable(history),
    ...orderPerSender(history),
    ...noEffectTwice(history),
    ...twoAttemptsAtMost(history),
    ...oneOwner(history),
    ...ownersInTurn(history),
    ...fencedWritesRise(history),
    ...restartsWithinIntensity(history),
    ...everyQuestionIsSettledOnce(history, slackMs),
    ...seedsKeepToTheirPaths(history),
    ...rollbackIsIdentical(history),
    ...nothingUnverifiedRuns(history),
    ...stepsWithoutGap(history),
    ...auditChainHolds(history),
    ...noSecretIsLogged(history),
    ...everythingIsBounded(history),
    ...sumsAreKept(history),
  ];
}
