/** How supervisors and their children start and stop, and what may be asked of them by hand. */
import { must, section, should } from './row.ts';

export const start = section('start', [
  must(1, 'sup_start_normal', 'an empty supervisor starts, and stops with shutdown'),
  should(
    2,
    'sup_start_ignore_init',
    'a child that does not want to run is reported as ignored; nobody hears of an exit',
  ),
  must(
    3,
    'sup_start_ignore_child',
    'a permanent child that ignores keeps its spec without a ref; the next one starts',
  ),
  must(
    4,
    'sup_start_ignore_temporary_child',
    'a temporary child of the spec that ignores leaves no spec behind',
  ),
  must(
    5,
    'sup_start_ignore_temporary_child_start_child',
    'a temporary child started by hand that ignores leaves no spec behind',
  ),
  must(
    6,
    'sup_start_ignore_temporary_child_start_child_simple',
    'a temporary pool child that ignores is not kept',
  ),
  must(
    7,
    'sup_start_ignore_permanent_child_start_child_simple',
    'a permanent pool child that ignores is not kept; the pool stops cleanly',
  ),
  must(8, 'sup_start_error_return', 'a spec that is none is refused with its code, and nothing starts'),
  must(
    9,
    'sup_start_fail',
    'a throw while starting is the cause of the failure, with its stack; what had started is stopped',
  ),
  must(
    10,
    'sup_start_child_returns_error',
    'a start by hand that fails in any way is refused with the reason; no child remains',
  ),
  must(
    11,
    'sup_start_restart_child_returns_error',
    'a restart by hand that fails is refused; the spec stays without a ref',
  ),
  must(
    12,
    'sup_start_child_returns_error_simple',
    'a pool start that fails is refused with the reason; the pool is as before',
  ),
  must(13, 'sup_start_map', 'short specs get the documented defaults; an unknown id is not found'),
  should(
    14,
    'sup_start_map_simple',
    'the whole spec of each pool child can be read back; a stranger is not found',
  ),
  must(
    15,
    'sup_start_map_faulty_specs',
    'a missing id, a missing definition and a non-spec each have their code; unknown keys are tolerated',
  ),
]);

export const stop = section('stop', [
  must(
    16,
    'sup_stop_infinity',
    'unlimited time to stop is allowed for workers and supervisors; both end with shutdown',
  ),
  must(
    17,
    'sup_stop_timeout',
    'a child that does not stop in time is abandoned at that time, its sibling ends with shutdown',
  ),
  must(
    18,
    'sup_stop_timeout_dynamic',
    'pool children that do not stop in time are abandoned, all at that time',
  ),
  must(19, 'sup_stop_brutal_kill', 'a child to be killed is not asked; its sibling ends with shutdown'),
  must(
    20,
    'sup_stop_brutal_kill_dynamic',
    'ten pool children are killed without being asked, the pool ends with shutdown',
  ),
  must(
    21,
    'sup_stop_race',
    'three restart types by four ways to end by itself during the stop: it ends, each tells its own reason, none restarts',
  ),
  must(
    22,
    'sup_stop_non_shutdown_exit_dynamic',
    'pool children that end by themselves during the stop tell their own reason, none restarts',
  ),
]);

export const administration = section('administration', [
  must(
    23,
    'child_adm',
    'every operation in every wrong state has its own code; terminate can be repeated; a dead supervisor refuses and never hangs',
  ),
  must(
    24,
    'child_adm_simple',
    'a pool refuses restart and delete by id; terminate works by ref, also of a dead one, never of a stranger',
  ),
  should(
    25,
    'extra_return',
    'what a start says on top reaches whoever started or restarted by hand, unchanged',
  ),
  must(
    26,
    'child_specs',
    'each bad field has its own code, all good combinations pass, ids are unique, a pool has exactly one template',
  ),
  must(
    27,
    'child_specs_map',
    'significant is refused under autoShutdown never and for permanent children, allowed otherwise',
  ),
  must(
    28,
    'sup_flags',
    'bad strategy, intensity, period and autoShutdown each have their code; unknown flags are tolerated',
  ),
]);
