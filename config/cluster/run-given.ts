/** What a run takes along when it moves: its name, because everything else is in its folder, which both nodes must see. */
import { type Static, Type } from '@sinclair/typebox';
import { EsperError } from '../../contracts/index.ts';

export const RunGiven = Type.Object(
  { runId: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$' }) },
  { additionalProperties: false },
);
export type RunGiven = Static<typeof RunGiven>;

export const elsewhere = (runId: string, home: string): EsperError =>
  new EsperError(
    'RUN_FOLDER_ELSEWHERE',
    `the folder of run ${runId} is not in the home of this node`,
    { runId, home },
    { hint: 'give both nodes one --home on a shared disk, or leave the run where it is' },
  );

export const notOpen = (): EsperError =>
  new EsperError(
    'RUN_NOT_OPEN',
    'the run is still being opened',
    {},
    { hint: 'move it once it trains', retryable: true },
  );

export const slowToStop = (withinMs: number): EsperError =>
  new EsperError(
    'RUN_SLOW_TO_STOP',
    `the run did not stop within ${withinMs} ms; it goes on where it is`,
    { withinMs },
    { hint: 'move it again when the node has less to do', retryable: true },
  );
