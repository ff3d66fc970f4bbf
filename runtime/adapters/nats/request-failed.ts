/** Why a question to a NATS server got no answer, before a port gives it a code of its own. */

export type Trouble =
  /** No connection now, or it broke while waiting. */
  | 'down'
  | 'late'
  /** Nobody listens to that subject. */
  | 'nobody'
  /** This user may not do that. */
  | 'denied'
  | 'too-large'
  /** The server answered with an error. */
  | 'refused';

export class RequestFailed extends Error {
  readonly trouble: Trouble;
  /** The server's own number of its error; 0 when there is none. */
  readonly number: number;

  constructor(trouble: Trouble, message: string, number = 0) {
    super(message);
    this.trouble = trouble;
    this.number = number;
  }
}

/** What the client library threw, sorted. */
export function sorted(thrown: unknown): RequestFailed {
  if (thrown instanceof RequestFailed) return thrown;
  const { code, message = '', api_error } = thrown as NatsFailure;
  if (api_error?.err_code !== undefined) {
    return new RequestFailed('refused', api_error.description, api_error.err_code);
  }
  switch (code) {
    case '503':
      return new RequestFailed('nobody', 'nobody listens');
    case '404':
      return new RequestFailed('refused', message, NO_MESSAGE);
    case 'PERMISSIONS_VIOLATION':
      return new RequestFailed('denied', 'not allowed');
    case 'MAX_PAYLOAD_EXCEEDED':
      return new RequestFailed('too-large', 'larger than the server takes');
    case 'TIMEOUT':
      return new RequestFailed('late', 'no answer in time');
    case 'CONNECTION_CLOSED':
    case 'CONNECTION_DRAINING':
    case 'DISCONNECT':
      return new RequestFailed('down', 'no connection');
    default:
      return new RequestFailed('refused', message);
  }
}

interface NatsFailure {
  readonly code?: string;
  readonly message?: string;
  readonly api_error?: { readonly err_code?: number; readonly description: string };
}

/** Numbers of errors, as the server gives them. */
export const NO_MESSAGE = 10037;
export const NO_STREAM = 10059;
export const NO_CONSUMER = 10014;
export const WRONG_REVISION = 10071;

/** Nothing, when the server answers with this number. Rejects with RequestFailed. */
export async function orNone<T>(number: number, answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (thrown) {
    const failed = sorted(thrown);
    if (failed.number === number) return undefined;
    throw failed;
  }
}
