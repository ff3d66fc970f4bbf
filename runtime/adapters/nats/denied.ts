/** The server knows this user and does not let it do what it wants. */
import { EsperError } from '../../../contracts/failure.ts';

/** @param what a subject, a stream, a store */
export const denied = (what: string) =>
  new EsperError(
    'NATS_DENIED',
    `this user may not use ${what}`,
    { what },
    {
      hint: 'Take the credentials of somebody who may, or widen the permissions of this user on the NATS server.',
    },
  );
