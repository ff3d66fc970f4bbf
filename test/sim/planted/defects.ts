/** The defects that the simulator must find. */
import type { Defect } from './defect.ts';

export const DEFECTS: readonly Defect[] = [
  {
    name: 'restart-uncounted',
    story: 'A child that cannot live is restarted for ever.',
    file: 'runtime/supervisor/intensity.js',
    find: 'exceeded: recent.length > limit.intensity',
    replace: 'exceeded: recent.length > limit.intensity + 1',
    suites: ['supervision'],
  },
];
