/** What can go wrong with a unit, each with its code and what to do next. */
import { EsperError, type Refusal } from '../../contracts/failure.ts';

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

export const stateLate = (unit: string, node: string, withinMs: number) =>
  new EsperError(
    'PLACEMENT_STATE_LATE',
    `what ${unit} holds could not be carried to ${node} within ${withinMs} ms`,
    { unit, node, withinMs },
    { retryable: true, hint: `It goes on where it was; see how far away ${node} is, then move it again.` },
  );

/** The code of mail that goes back to the node it came from. */
export const NOT_HERE = 'UNIT_NOT_HERE';

export const notHere = (unit: string, node: string): Refusal => ({
  refused: NOT_HERE,
  details: { unit, node },
});
