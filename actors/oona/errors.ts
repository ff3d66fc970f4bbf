/** The ways the bus says no, each with what to do next. */
import { EsperError } from '../../contracts/index.ts';

export const badTopic = (topic: string, text: string): EsperError =>
  new EsperError(
    'OONA_BAD_TOPIC',
    text,
    { topic: topic.slice(0, 200) },
    { hint: 'join words of letters, digits, - and _ by dots; in patterns * is one word, a final > the rest' },
  );

/** @param bytes what the body has, @param limit what it may have */
export const tooLarge = (topic: string, bytes: number, limit: number): EsperError =>
  new EsperError(
    'OONA_TOO_LARGE',
    `a message on ${topic} has ${bytes} bytes and may have ${limit}`,
    { topic, bytes, limit },
    { hint: 'keep large data as an artifact and say where it is' },
  );

export const nobody = (topic: string): EsperError =>
  new EsperError(
    'OONA_NOBODY',
    `nobody answers on ${topic}`,
    { topic },
    {
      hint: 'start whoever answers there; a unit that is being moved is back within seconds',
    },
  );

export const silent = (topic: string, withinMs: number): EsperError =>
  new EsperError(
    'OONA_SILENT',
    `no answer on ${topic} within ${withinMs} ms`,
    { topic, withinMs },
    { hint: 'ask again; what was asked may have been done', retryable: true },
  );

export const badId = (id: string): EsperError =>
  new EsperError(
    'OONA_BAD_ID',
    `${JSON.stringify(id.slice(0, 128))} cannot be the id of a message`,
    { id: id.slice(0, 128) },
    { hint: '1 to 128 letters, digits and signs of ASCII, without spaces' },
  );

/** A handler that said nothing for so long. */
export const stuck = (topic: string, forMs: number): EsperError =>
  new EsperError(
    'OONA_STUCK',
    `whoever handles ${topic} said nothing for ${forMs} ms`,
    { topic, forMs },
    { hint: 'give what the handler waits for a deadline' },
  );

export const badQueue = (queue: string): EsperError =>
  new EsperError(
    'OONA_BAD_QUEUE',
    `"${queue.slice(0, 64)}" names no queue`,
    { queue: queue.slice(0, 64) },
    { hint: 'lower case letters, digits, - and _, at most 32' },
  );

export const unanswerable = (topic: string, text: string): EsperError =>
  new EsperError('OONA_NO_ANSWER', text, { topic }, { hint: 'both sides must come from the same version' });
