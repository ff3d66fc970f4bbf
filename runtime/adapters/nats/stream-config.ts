/** What a stream of ours is in the words of JetStream, floor 2.9. */
import { DiscardPolicy, nanos, RetentionPolicy, StorageType, type StreamConfig } from 'nats';
import type { StreamSpec } from '../../ports/streams.ts';

const MAX_BYTES = 256 * 1024 * 1024;
const WEEK_MS = 7 * 24 * 3_600_000;
const SAME_ID_MS = 120_000;

type Config = Partial<StreamConfig> & { readonly name: string };

/** A full `work` stream refuses; a full `log` forgets the oldest. */
export function configOf(spec: StreamSpec): Config {
  const { name, subjects, keeps, maxAgeMs = WEEK_MS, sameIdMs = SAME_ID_MS } = spec;
  return {
    name,
    subjects: [...subjects],
    storage: StorageType.File,
    num_replicas: 1,
    retention: keeps === 'work' ? RetentionPolicy.Workqueue : RetentionPolicy.Limits,
    discard: keeps === 'work' ? DiscardPolicy.New : DiscardPolicy.Old,
    max_bytes: spec.maxBytes ?? MAX_BYTES,
    max_msgs: spec.maxMessages ?? -1,
    max_msgs_per_subject: spec.perSubject ?? -1,
    max_age: nanos(maxAgeMs),
    // The server takes no window longer than messages live.
    duplicate_window: nanos(Math.min(sameIdMs, maxAgeMs)),
  };
}

/** Is it another thing under the same name? Limits do not count. */
export function isMisfit(wanted: Config, found: StreamConfig): boolean {
  const sorted = (subjects: readonly string[] = []) => [...subjects].sort().join(' ');
  return found.retention !== wanted.retention || sorted(found.subjects) !== sorted(wanted.subjects);
}

const LIMITS = ['max_bytes', 'max_msgs', 'max_msgs_per_subject', 'max_age', 'duplicate_window'] as const;

/** The limits that are not as they should be; null when all are. */
export function changedLimits(wanted: Config, found: StreamConfig): Partial<StreamConfig> | null {
  const changed = LIMITS.filter((limit) => wanted[limit] !== found[limit]);
  return changed.length === 0 ? null : Object.fromEntries(changed.map((limit) => [limit, wanted[limit]]));
}
