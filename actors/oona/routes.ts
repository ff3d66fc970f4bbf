/** Which actor hears which topic: read this to know who talks to whom across the bus. */
import { TOPICS } from '../../contracts/index.ts';
import type { Route } from './behaviour.ts';

export interface InnovationPaths {
  readonly karn: string;
  readonly tezzeret: string;
  readonly urabrask: string;
  readonly urza: string;
}

/** Routes of the innovation plane. What changes the library is asked, so that it is certain. */
export function innovationRoutes({ karn, tezzeret, urabrask, urza }: InnovationPaths): readonly Route[] {
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
  ];
}

/** What is only watched is sent: it may be dropped under load, and nobody waits for it. */
export const WATCHED = [
  TOPICS.fieldReports,
  TOPICS.kernelCharacterized,
  TOPICS.blueprintQuarantined,
  TOPICS.messageDied,
  'system.events.*',
  TOPICS.progress,
] as const;

/** Routes of whoever observes. @param nissa her path */
export const observerRoutes = (nissa: string): readonly Route[] =>
  WATCHED.map((pattern) => ({ pattern, to: nissa, how: 'send' }));
