/** What is counted and kept, what stays answerable, what can change while it runs, and what is told about it. */
import { must, section, should } from './row.ts';

export const counting = section('counting', [
  must(
    72,
    'count_children',
    '1,000 and 2,000 pool children: list and count agree, every time, and are zero at the end',
  ),
  should(
    73,
    'count_children_supervisor',
    '1,000 and 2,000 supervisors as children: list and count agree, every time',
  ),
  must(
    74,
    'count_restarting_children',
    'children waiting to be restarted are counted but not active; they recover, and can be terminated meanwhile',
  ),
  should(75, 'get_callback_module', 'the tree names what each place runs'),
  must(
    76,
    'do_not_save_start_parameters_for_temporary_children',
    'a temporary child is not a place its arguments live on in',
  ),
  must(
    77,
    'do_not_save_child_specs_for_temporary_children',
    'however it ends, the spec of a temporary child vanishes and the others stay, under all strategies',
  ),
  must(
    78,
    'simple_one_for_one_scale_many_temporary_children',
    'terminating 10,000 pool children costs less than 50 times 1,000',
  ),
  must(
    79,
    'simple_global_supervisor',
    'a registered name follows its holder through crash, end and restart by hand, as a new incarnation',
  ),
]);

export const restartLoops = section('restart loops', [
  must(
    80,
    'hanging_restart_loop',
    'while a child fails to start again and again, every operation is answered and stop works',
  ),
  must(
    81,
    'hanging_restart_loop_rest_for_one',
    'in a rest_for_one loop every operation is answered; the earlier child is untouched, the later one waits',
  ),
  must(
    82,
    'hanging_restart_loop_simple',
    'while a pool child fails to start again and again, every operation is answered and stop works',
  ),
]);

export const change = section('change', [
  should(
    83,
    'code_change',
    'new flags count at once, new specs are added but not started, removed ones run on, mistakes change nothing',
  ),
  should(84, 'code_change_map', 'the spec of a running child changes: its next life follows it'),
  should(85, 'code_change_simple', 'the template of a pool changes for the children to come'),
  should(
    86,
    'code_change_simple_map',
    'a pool cannot become an ordinary supervisor, nor an ordinary one a pool',
  ),
]);

export const orderScaleReports = section('order, scale, reports', [
  must(
    87,
    'order_of_children',
    'start in order, stop in reverse, at a full stop and in a rest_for_one round',
  ),
  must(
    88,
    'scale_start_stop_many_children',
    '1,000 against 10,000 children: start and stop within 10 times of linear',
  ),
  should(
    89,
    'format_log_1',
    'crash and progress reports have fixed fields, and no deep value makes them long',
  ),
  should(90, 'format_log_2', 'no long value makes a report long; each is one line'),
  must(
    91,
    'already_started_outside_supervisor',
    'a name held by a stranger refuses the start and says who; the supervisor lives on',
  ),
  must(92, 'which_children', 'list and single look-up agree through start, terminate and delete'),
  must(
    93,
    'which_children_simple_one_for_one',
    'list and single look-up agree in a pool too; what is no ref is refused with its code',
  ),
]);
