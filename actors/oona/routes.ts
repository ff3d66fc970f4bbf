/** Which actor hears which topic: read this to know who talks to whom across the bus. */
import { TOPICS } from '../../contracts/index.ts';
import type { Route } from './behaviour.ts';

export interface InnovationPaths {
  readonly karn: string;
  readonly tezzeret: string;
  readonly urabrask: string;
  readonly urza: string;
}

/** Units of the placement that hear something over the bus. */
export type Listener = keyof InnovationPaths | 'nissa';

interface Row {
  readonly pattern: string;
  readonly unit: Listener;
  readonly how: Route['how'];
}

/** The innovation plane. What changes the library is asked, so that it is certain. */
const PLANE: readonly Row[] = [
  { pattern: TOPICS.proposalsWanted, unit: 'karn', how: 'ask' },
  { pattern: TOPICS.blueprintQuarantined, unit: 'karn', how: 'ask' },
  { pattern: TOPICS.fieldReports, unit: 'karn', how: 'ask' },
  { pattern: TOPICS.blueprintSubmitted, unit: 'tezzeret', how: 'ask' },
  { pattern: TOPICS.kernelReady, unit: 'urabrask', how: 'ask' },
  { pattern: TOPICS.proposalsMade, unit: 'urza', how: 'ask' },
  { pattern: TOPICS.blueprintRejected, unit: 'urza', how: 'ask' },
  { pattern: TOPICS.kernelCompiled, unit: 'urza', how: 'ask' },
  { pattern: TOPICS.kernelCharacterized, unit: 'urza', how: 'ask' },
  { pattern: TOPICS.blueprintQuarantined, unit: 'urza', how: 'ask' },
  { pattern: TOPICS.messageDied, unit: 'urza', how: 'ask' },
];

/** What is only watched is sent: it may be dropped under load, and nobody waits for it. */
export const WATCHED = [
  TOPICS.fieldReports,
  TOPICS.kernelCharacterized,
  TOPICS.blueprintQuarantined,
  TOPICS.messageDied,
  'system.events.*',
  TOPICS.progress,
] as const;

const TABLE: readonly Row[] = [
  ...PLANE,
  ...WATCHED.map((pattern): Row => ({ pattern, unit: 'nissa', how: 'send' })),
];

/**
 * What one unit hears, wherever it lives. Its queue is the unit's name, so that what is said while it is nowhere waits.
 * @param to path of its actor
 */
export const routesOf = (unit: Listener, to: string): readonly Route[] =>
  TABLE.filter((row) => row.unit === unit).map(({ pattern, how }) => ({ pattern, to, how, queue: unit }));

/** Routes of the innovation plane. */
export const innovationRoutes = (paths: InnovationPaths): readonly Route[] =>
  (['karn', 'tezzeret', 'urabrask', 'urza'] as const).flatMap((unit) => routesOf(unit, paths[unit]));

/** Routes of whoever observes. @param nissa her path */
export const observerRoutes = (nissa: string): readonly Route[] => routesOf('nissa', nissa);
