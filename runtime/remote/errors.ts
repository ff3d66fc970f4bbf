/** What can go wrong between two nodes, each with its code and what to do next. */
import { EsperError, type Refusal } from '../../contracts/failure.ts';

/** @param epoch 0 when the node was never heard of */
export const nodeDown = (node: string, epoch: number, why: string) =>
  new EsperError(
    'NODE_DOWN',
    `node ${node} is down: ${why}`,
    { node, epoch, why },
    {
      retryable: true,
      hint: 'What was under way may or may not have been done. Ask again when the node is back.',
    },
  );

export const noCall = (path: string) =>
  new EsperError(
    'REMOTE_NO_CALL',
    `${path} lives on another node and cannot be called in place`,
    { path },
    { hint: 'Use ask.' },
  );

export const nameTaken = (node: string, epoch: number) =>
  new EsperError(
    'NODE_REPLACED',
    `another process has joined as ${node} with epoch ${epoch}`,
    { node, epoch },
    { hint: 'Give every process a node name of its own; end the one that is no longer wanted.' },
  );

export const joinLate = (node: string, withinMs: number) =>
  new EsperError(
    'NODE_JOIN_LATE',
    `${node} could not join within ${withinMs} ms`,
    { node, withinMs },
    { retryable: true, hint: 'The lease store does not answer: see that the broker runs, then try again.' },
  );

export const badNodeName = (node: string) =>
  new EsperError(
    'NODE_NAME_INVALID',
    `${node} cannot be the name of a node`,
    { node },
    { hint: 'Use 1 to 64 of a-z, 0-9, - and _, beginning with a letter.' },
  );

export const outboxFull = (node: string, waiting: number): Refusal => ({
  refused: 'REMOTE_OUTBOX_FULL',
  details: { node, waiting },
});

export const tooLarge = (bytes: number, limit: number): Refusal => ({
  refused: 'REMOTE_TOO_LARGE',
  details: { bytes, limit },
});

export const incompatible = (node: string, ours: string, theirs: string): Refusal => ({
  refused: 'NODE_INCOMPATIBLE',
  details: { node, ours, theirs },
});

/** Somebody who is no longer entitled speaks, or somebody speaks to one who is no more. */
export const staleEpoch = (name: string, epoch: number, newest: number): Refusal => ({
  refused: 'STALE_EPOCH',
  details: { name, epoch, newest },
});
