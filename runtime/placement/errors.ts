/** What can go wrong with a unit, each with its code and what to do next. */
import { EsperError } from '../../contracts/failure.ts';

export const unitDown = (unit: string, node: string, why: string) =>
  new EsperError(
    'UNIT_DOWN',
    `unit ${unit} went down on ${node}: ${why}`,
    { unit, node, why },
    { retryable: true, hint: `It is offered again; read what ${node} logged before it fell.` },
  );

export const unitNotStarted = (unit: string, node: string, why: string) =>
  new EsperError(
    'UNIT_NOT_STARTED',
    `unit ${unit} could not start on ${node}: ${why}`,
    { unit, node, why },
    { retryable: true, hint: 'It is offered again; if no node can start it, look at its settings.' },
  );
