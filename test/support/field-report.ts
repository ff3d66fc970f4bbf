/** A report from the field: of a seed that was culled because it contributed nothing, unless said otherwise. */
import { FieldReport } from '../../contracts/index.ts';

export const fieldReport = (fields: Partial<FieldReport> = {}) =>
  FieldReport.of({
    runId: 'run-1',
    seedId: 's1',
    slotId: 'h1/widen',
    blueprintId: 'widen-4',
    outcome: 'CULLED',
    cullReason: 'no_contribution',
    bornBoundary: 0,
    endedBoundary: 3,
    lossBefore: 1,
    lossAfter: 1,
    contribution: 0,
    parameters: 10,
    ...fields,
  });
