/** The ways a durable actor or its store says no, each with what a person should do next. */
import { EsperError, type Refusal } from '../../contracts/failure.ts';
import { refuse } from '../actor/decision.ts';

/** Somebody else was first. */
export const stale = (id: string, expected: number, newest: number): Refusal =>
  refuse('EVENTS_STALE', { id, expected, newest });

export const badId = (id: string) =>
  new EsperError(
    'EVENTS_BAD_ID',
    `no id for events: ${JSON.stringify(id.slice(0, 64))}`,
    { length: id.length },
    { hint: 'Take 1 to 200 ordinary characters.' },
  );

export const eventsTooLarge = (id: string, bytes: number, bytesMax: number) =>
  new EsperError(
    'EVENTS_TOO_LARGE',
    `${bytes} bytes of events for ${id} in one go`,
    { id, bytes, bytesMax },
    { hint: 'Keep large data elsewhere, and its name and hash in the event.' },
  );

export const eventsCorrupt = (sequence: number, reason: string, cause?: unknown) =>
  new EsperError(
    'EVENTS_CORRUPT',
    `journal record ${sequence} is not what an event store writes: ${reason}`,
    { sequence },
    { cause, hint: 'Give the event store a journal of its own, or restore this one from a copy.' },
  );

export const noStore = (path: string) =>
  new EsperError(
    'DURABLE_NO_STORE',
    `${path} is durable, and this system has no event store`,
    { path },
    { hint: 'Give startSystem an event store: { events: await memoryEventStore() } in tests.' },
  );

export const rollsBackToo = (path: string) =>
  new EsperError(
    'DURABLE_AND_ROLLBACK',
    `${path} cannot be durable and rolled back too`,
    { path },
    { hint: 'What is journaled has happened: let it undo itself with new events instead.' },
  );

export const gap = (id: string, details: { readonly wanted: number; readonly found: number }) =>
  new EsperError(
    'DURABLE_GAP',
    `${id}: event ${details.wanted} should come next, but the store goes on with ${details.found}`,
    { id, ...details },
    { hint: 'No sound snapshot covers the deleted events: restore the snapshots from a copy.' },
  );

export const noUpcast = (what: string, from: number, to: number) =>
  new EsperError(
    'DURABLE_NO_UPCAST',
    `${what} is of version ${from}, and nothing brings it to version ${to}`,
    { from, to },
    {
      hint:
        from > to
          ? 'A newer program wrote it: run that one.'
          : `Add upcasts[${from}] to the durable definition.`,
    },
  );

export const unreadable = (id: string, revision: number, cause: unknown) =>
  new EsperError(
    'DURABLE_UNREADABLE',
    `event ${revision} of ${id} cannot be decoded: ${cause instanceof Error ? cause.message : String(cause)}`,
    { id, revision },
    { cause, hint: 'Let decode and the upcasts take what older versions wrote.' },
  );
