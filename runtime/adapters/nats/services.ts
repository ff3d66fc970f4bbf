/** Services over NATS: served with the discovery that stock tools know, asked by anybody. */
import type { Msg } from 'nats';
import { EsperError } from '../../../contracts/failure.ts';
import {
  serviceNobody,
  serviceSilent,
  servicesUnreachable,
  serviceTooLarge,
} from '../../ports/service-errors.ts';
import type { Services } from '../../ports/services.ts';
import type { Connection } from './connection.ts';
import { denied } from './denied.ts';
import { plainBytes } from './plain-bytes.ts';
import { type RequestFailed, sorted } from './request-failed.ts';
import { answeredError, CODE_HEADER, ERROR_HEADER } from './service-errors.ts';
import { serveOn } from './serving.ts';

export function natsServices(connection: Connection): Services {
  return {
    serve: (spec) => serveOn(connection, spec),
    async ask(subject, bytes, { withinMs, headers }) {
      try {
        const answer = await connection.ask(subject, bytes, { withinMs, headers });
        return contentOf(answer);
      } catch (thrown) {
        throw thrown instanceof EsperError ? thrown : explained(sorted(thrown), subject, withinMs);
      }
    },
    askAll: (subject, bytes, { withinMs, most }) =>
      connection.up
        ? collected(connection, subject, bytes, withinMs, most)
        : Promise.reject(explained(sorted({ code: 'DISCONNECT' }), subject, withinMs)),
  };
}

/** @throws what the service answered as an error */
function contentOf({ headers, data }: Msg): Uint8Array {
  const sentence = headers?.get(ERROR_HEADER) ?? '';
  const status = headers?.get(CODE_HEADER) ?? '';
  if (sentence !== '' || status !== '') throw answeredError(status, sentence, data);
  return plainBytes(data);
}

function collected(
  connection: Connection,
  subject: string,
  bytes: Uint8Array,
  withinMs: number,
  most: number,
): Promise<readonly Uint8Array[]> {
  return new Promise((resolve) => {
    const answers: Uint8Array[] = [];
    const inbox = connection.inbox();
    const end = () => {
      late();
      unsubscribe();
      unwatch();
      resolve(answers);
    };
    const late = connection.clock.after(withinMs, end);
    const unwatch = connection.onChange((up) => {
      if (!up) end();
    });
    const unsubscribe = connection.subscribe(inbox, (message) => {
      if (isNobody(message)) return end();
      if (message.headers?.has(ERROR_HEADER)) return;
      answers.push(plainBytes(message.data));
      if (answers.length >= most) end();
    });
    if (!connection.publish(subject, bytes, inbox)) end();
  });
}

const isNobody = ({ data, headers }: Msg) => data.length === 0 && headers?.code === 503;

function explained({ trouble, message }: RequestFailed, subject: string, withinMs: number): EsperError {
  switch (trouble) {
    case 'nobody':
      return serviceNobody(subject);
    case 'late':
      return serviceSilent(subject, withinMs);
    case 'denied':
      return denied(subject);
    case 'too-large':
      return serviceTooLarge(subject);
    default:
      return servicesUnreachable(subject, message);
  }
}
