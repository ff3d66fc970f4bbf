/** Where on a broker everything of one cluster's bus is: subjects, streams, and names of durable consumers. */
import { EsperError } from '../../contracts/index.ts';
import { artifactStream } from '../../runtime/artifacts/stream-artifacts.ts';
import type { StreamSpec } from '../../runtime/index.ts';
import type { NetworkOptions } from './network-options.ts';

const PREFIX = /^[a-z][a-z0-9_-]{0,31}$/;
const SECONDS = 1_000;
const DAY = 86_400 * SECONDS;

export class Subjects {
  readonly prefix: string;
  readonly jobs: string;
  readonly dead: string;
  readonly artifacts: string;

  /** @throws OONA_BAD_PREFIX */
  constructor(prefix: string) {
    if (!PREFIX.test(prefix)) {
      const hint = 'lower case letters, digits, - and _, at most 32, beginning with a letter';
      throw new EsperError('OONA_BAD_PREFIX', `"${prefix}" names no cluster`, { prefix }, { hint });
    }
    this.prefix = prefix;
    this.jobs = `${prefix.toUpperCase()}_JOBS`;
    this.dead = `${prefix.toUpperCase()}_DEAD`;
    this.artifacts = `${prefix.toUpperCase()}_ARTIFACTS`;
  }

  /** What is heard live. @param topic or pattern; @param priority `*` for all */
  live(topic: string, priority: number | '*'): string {
    return `${this.prefix}.bus.${priority === '*' ? '*' : `p${priority}`}.${topic}`;
  }

  /** What is kept until it was dealt with. */
  kept(topic: string, priority: number): string {
    return `${this.prefix}.kept.p${priority}.${topic}`;
  }

  question(topic: string): string {
    return `${this.prefix}.ask.${topic}`;
  }

  letter(queue: string): string {
    return `${this.prefix}.dead.${queue}`;
  }

  /** What all artifacts begin with. */
  get artifact(): string {
    return `${this.prefix}.artifact`;
  }

  /** All streams of a cluster. Several queues hear the same topic, so what is critical is a log that each reads at its own pace. */
  streams(options: NetworkOptions): readonly StreamSpec[] {
    return [
      {
        name: this.jobs,
        subjects: [`${this.prefix}.kept.>`],
        keeps: 'log',
        maxBytes: options.keptBytes,
        maxAgeMs: 7 * DAY,
        sameIdMs: 120 * SECONDS,
      },
      {
        name: this.dead,
        subjects: [`${this.prefix}.dead.>`],
        keeps: 'log',
        maxMessages: options.deadKept,
        maxAgeMs: 30 * DAY,
      },
      artifactStream(this.artifacts, this.artifact, options.artifactBytes),
    ];
  }
}

/** Of one queue on one pattern and priority: the same on every node, within the letters a broker takes. */
export const durableName = (queue: string, pattern: string, priority: number): string =>
  `${queue}-p${priority}-${fingerprint(pattern)}`;

/** Whose durable consumer that is. */
export const queueOf = (durable: string): string => durable.replace(/-p\d-[0-9a-f]{16}$/, '');

/** 64 bits of FNV-1a, 16 hex digits: patterns hold letters that names must not. @see http://www.isthe.com/chongo/tech/comp/fnv/ */
function fingerprint(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text))
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash.toString(16).padStart(16, '0');
}
