/** Children whose own end is the end of their supervisor. */
import { section, should } from './row.ts';

export const significant = section('significant', [
  should(
    58,
    'nonsignificant_temporary',
    'no end of an ordinary temporary child shuts its supervisor down, in any mode',
  ),
  should(
    59,
    'nonsignificant_transient',
    'no end of an ordinary transient child shuts its supervisor down; those that crash are restarted',
  ),
  should(
    60,
    'significant_temporary',
    'any: every end of its own shuts down, terminate by hand does not; all: the last one does',
  ),
  should(61, 'significant_transient', 'only an end that is not restarted shuts down; a crash restarts'),
  should(62, 'significant_simple', 'a pool template cannot be significant'),
  should(
    63,
    'significant_bystander',
    'being stopped because of a sibling is no end of its own: all strategies, both modes',
  ),
  should(
    64,
    'significant_escalation',
    'a shutdown climbs only as far as supervisors are significant themselves',
  ),
  should(65, 'significant_upgrade_never_any', 'never to any: counts at once for present children'),
  should(
    66,
    'significant_upgrade_any_never',
    'any to never: nothing shuts down, and significant children can no longer be added',
  ),
  should(67, 'significant_upgrade_never_all', 'never to all: counts at once, the last one shuts down'),
  should(
    68,
    'significant_upgrade_all_never',
    'all to never: nothing shuts down, and significant children can no longer be added',
  ),
  should(69, 'significant_upgrade_any_all', 'any to all: the first end no longer shuts down, the last does'),
  should(70, 'significant_upgrade_all_any', 'all to any: the first end shuts down'),
  should(
    71,
    'significant_upgrade_child',
    'a child becomes significant, or ceases to be, while it runs; refused under never',
  ),
]);
