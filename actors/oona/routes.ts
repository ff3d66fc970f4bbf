/** Which actor hears which topic: read this to know who talks to whom across the bus. */
import { TOPICS } from '../../contracts/index.ts';
import type { Route } from './behaviour.ts';

export interface ListenerPaths {
  readonly karn: string;
  readonly tezzeret: string;
  readonly urabrask: string;
  readonly urza: string;
  readonly nissa: string;
}

/** The routes of one node. What changes the library is asked, so that it is certain; what is only watched is sent. */
export function standardRoutes(paths: ListenerPaths): readonly Route[] {
  const { karn, tezzeret, urabrask, urza, nissa } = paths;
  return [
    { pattern: TOPICS.proposalsWanted, to: karn, how: 'ask' },
    { pattern: TOPICS.blueprintQuarantined, to: karn, how: 'ask' },
    { pattern: TOPICS.fieldReports, to: karn, how: 'ask' },
    { pattern: TOPICS.blueprintSubmitted, to: tezzeret, how: 'ask' },
    { pattern: TOPICS.kernelReady, to: urabrask, how: 'ask' },
    { pattern: TOPICS.proposalsMade, to: urza, how: 'ask' },
    { pattern: TOPICS.blueprintRejected, to: urza, how: 'ask' },
    { pattern: TOPICS.kernelCompiled, to: urza, how: 'ask' },
    { pattern: TOPICS.kernelCharacterized, to: urza, how: 'ask' },
    { pattern: TOPICS.blueprintQuarantined, to: urza, how: 'ask' },
    { pattern: TOPICS.messageDied, to: urza, how: 'ask' },
    { pattern: TOPICS.fieldReports, to: nissa, how: 'send' },
    { pattern: TOPICS.kernelCharacterized, to: nissa, how: 'send' },
    { pattern: TOPICS.blueprintQuarantined, to: nissa, how: 'send' },
    { pattern: TOPICS.messageDied, to: nissa, how: 'send' },
    { pattern: 'system.events.*', to: nissa, how: 'send' },
    { pattern: TOPICS.progress, to: nissa, how: 'send' },
  ];
}
