/** What Esper asks of its supervisors beyond what OTP asks of its own. */
import { must, section } from './row.ts';

const also = (name: string, asserts: string) => must(null, name, asserts);

export const additions = section('additions', [
  also(
    'backoff_between_restarts',
    'restarts wait longer and longer, jittered, within the bounds, and meanwhile cost no timer too many',
  ),
  also(
    'restart_rolls_back',
    'a crash in a rollback group brings back the newest checkpoint before the next message is handled',
  ),
  also(
    'mailbox_survives_restart',
    'what waited is handled by the next life, in order; what cannot be is a dead letter, never lost',
  ),
  also(
    'poison_message',
    'a message that crashed its actor twice becomes a dead letter and those behind it are handled',
  ),
  also('stale_incarnation', 'timers, jobs and handlers of one life do not reach the next'),
  also(
    'max_children',
    'children on demand have an upper bound; at it a start is refused, below it works again',
  ),
  also(
    'restart_storm_global_budget',
    'one budget for all supervisors delays restarts in a storm, and nobody is killed for it',
  ),
  also('triad_is_one_for_all', 'actors that share one model go back together, from one checkpoint'),
  also('tensor_lease_released', 'what a dead life held is let go exactly once, whatever it died of'),
  also('remote_down_vs_dead', 'a silent node is unreachable; only the end of its lease makes it dead'),
  also(
    'escalation_never_exits_process_without_flush',
    'when the root gives up, every child has flushed before the system says it is over',
  ),
]);
