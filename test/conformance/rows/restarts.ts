/** Who comes back after which end, who goes with it, and when a supervisor gives up. */
import { must, section, should } from './row.ts';

export const restartTypes = section('restart types', [
  should(29, 'external_start_no_progress_log', 'a restart is reported as a restart, never as a start'),
  must(30, 'permanent_normal', 'permanent, ends normally: restarted'),
  must(31, 'transient_normal', 'transient, ends normally: not restarted, spec kept'),
  must(32, 'temporary_normal', 'temporary, ends normally: gone, spec removed'),
  must(33, 'permanent_shutdown', 'permanent, ends with shutdown, with and without a why: restarted'),
  must(34, 'transient_shutdown', 'transient, ends with shutdown: not restarted; can be restarted by hand'),
  must(35, 'temporary_shutdown', 'temporary, ends with shutdown: gone; can be started anew'),
  must(
    36,
    'faulty_application_shutdown',
    'a child deep down that cannot start surfaces where the system was started, with its path and first stack',
  ),
  must(37, 'permanent_abnormal', 'permanent, crashes: restarted'),
  must(38, 'transient_abnormal', 'transient, crashes: restarted'),
  must(39, 'temporary_abnormal', 'temporary, crashes: gone'),
  must(
    40,
    'temporary_bystander',
    'a temporary sibling taken down by one_for_all or rest_for_one is not restarted and counts as no failure',
  ),
]);

export const strategies = section('strategies', [
  must(41, 'multiple_restarts', 'failures spaced beyond the period never add up: the window slides'),
  must(
    42,
    'one_for_one',
    'only the failed child is replaced; one failure too many in the window ends the supervisor',
  ),
  must(
    43,
    'one_for_one_escalation',
    'each failed restart counts as a try; the supervisor ends and takes the siblings',
  ),
  must(
    44,
    'one_for_all',
    'all are replaced and no old incarnation lives on; one failure too many ends the supervisor',
  ),
  must(45, 'one_for_all_escalation', 'each failed restart counts as a try under one_for_all too'),
  must(
    46,
    'one_for_all_other_child_fails_restart',
    'one restarted, the next cannot: the first is stopped again and the whole round repeats',
  ),
  must(
    47,
    'simple_one_for_one',
    'only the failed pool child is replaced; one failure too many ends the pool',
  ),
  must(
    48,
    'simple_one_for_one_shutdown',
    'a pool stops in parallel: it takes as long as the longest, the slow are abandoned at their time',
  ),
  should(49, 'simple_one_for_one_extra', 'a pool child restarts with the arguments it was started with'),
  must(50, 'simple_one_for_one_escalation', 'each failed restart of a pool child counts as a try'),
  must(
    51,
    'simple_one_for_one_corruption',
    'a temporary pool child that ends leaves a sound pool and none of its arguments',
  ),
  must(52, 'simple_one_for_one_restart_ignore', 'a pool child that ignores its restart is dropped, once'),
  must(
    53,
    'rest_for_one',
    'the failed child and all later ones are replaced, earlier ones are not touched; then escalation',
  ),
  must(54, 'rest_for_one_escalation', 'each failed restart counts as a try under rest_for_one too'),
  must(
    55,
    'rest_for_one_other_child_fails_restart',
    'a child already restarted in the round is not started twice: only the failing one is tried again',
  ),
]);

export const tree = section('tree', [
  must(56, 'child_unlink', 'a child that answers nobody any more cannot hang its supervisor'),
  must(
    57,
    'tree',
    'inner failures stay inside, inner escalation replaces the inner tree under the outer strategy, children started by hand are not made again',
  ),
]);
