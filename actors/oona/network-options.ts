/** The limits of the bus over a network: how much waits for a broker, what travels together, how long it remembers. */
import { TOPIC_RULES, type TopicRule } from '../../contracts/index.ts';
import { type OonaOptions, oonaOptions } from './options.ts';

export interface NetworkOptions extends OonaOptions {
  /** First word of every subject of this cluster; in capitals that of its streams. `[a-z][a-z0-9_-]*`. */
  readonly prefix: string;
  readonly topics: readonly TopicRule[];
  /** Messages of one priority handed out to a queue of this node ahead of being settled. */
  readonly credits: number;
  /** Milliseconds after which the broker gives a message to somebody else, unless told that it is being worked on. */
  readonly settleMs: number;
  /** Times a broker may hand out a message before it is dead: whoever had it died each time. */
  readonly handouts: number;
  /** Critical messages and their bytes that wait here for being stored. */
  readonly outboxMessages: number;
  readonly outboxBytes: number;
  /** Critical messages under way to the broker at a time. */
  readonly outboxAtOnce: number;
  /** Milliseconds until the outbox tries again; doubled up to 2 s while in vain. */
  readonly outboxRetryMs: number;
  /** Messages and bytes that travel together. */
  readonly batchMessages: number;
  readonly batchBytes: number;
  /** Milliseconds telemetry may wait for company. What is plain waits for the end of the turn. */
  readonly batchMs: number;
  /** Ids of handled critical messages a queue remembers, and for how long in ms: what comes twice has its effect once. */
  readonly seenMost: number;
  readonly seenMs: number;
  /** Bounds of the streams: bytes of what is critical, dead letters, bytes of artifacts. */
  readonly keptBytes: number;
  readonly deadKept: number;
  readonly artifactBytes: number;
  /** Milliseconds between two looks at what the streams had to let go. */
  readonly lookMs: number;
}

export const networkOptions: NetworkOptions = {
  ...oonaOptions,
  prefix: 'esper',
  topics: TOPIC_RULES,
  credits: 16,
  settleMs: 6_000,
  handouts: 10,
  outboxMessages: 10_000,
  outboxBytes: 16 * 2 ** 20,
  outboxAtOnce: 128,
  outboxRetryMs: 100,
  batchMessages: 100,
  batchBytes: 32_768,
  batchMs: 10,
  seenMost: 10_000,
  seenMs: 600_000,
  keptBytes: 256 * 2 ** 20,
  deadKept: 10_000,
  artifactBytes: 256 * 2 ** 20,
  lookMs: 10_000,
};
