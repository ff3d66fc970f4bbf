/** What is written under a lease's key: who holds it, in which epoch, and a beat that shows they are there. */
import { type Static, Type } from '@sinclair/typebox';
import { decode, encode } from '../../contracts/codec.ts';
import { EsperError } from '../../contracts/failure.ts';
import { checkerOf } from '../checker.ts';

export const LeaseRecord = Type.Object(
  {
    v: Type.Literal(1),
    /** Empty when it was let go in order. */
    holder: Type.String({ maxLength: 256 }),
    /** Fencing number: rises by at least 1 with every new tenure, for ever. */
    epoch: Type.Integer({ minimum: 1 }),
    /** Renewals of this tenure. */
    beat: Type.Integer({ minimum: 0 }),
    /** Milliseconds without a beat after which others may take it. */
    lifeMs: Type.Number({ minimum: 1 }),
  },
  { additionalProperties: false },
);
export type LeaseRecord = Static<typeof LeaseRecord>;

const checker = checkerOf(LeaseRecord);

export const packLease = (record: LeaseRecord): Uint8Array => encode(record);

/** Nothing when it is no lease: what a store tells of by itself may come from anybody. */
export function leaseIn(bytes: Uint8Array): LeaseRecord | undefined {
  try {
    const record = decode(bytes);
    return checker.check(record) ? record : undefined;
  } catch (thrown) {
    if (thrown instanceof EsperError) return undefined;
    throw thrown;
  }
}

/** @throws LEASE_RECORD_INVALID: a key that others write must not be taken over */
export function readLease(key: string, bytes: Uint8Array): LeaseRecord {
  const record = leaseIn(bytes);
  if (record !== undefined) return record;
  throw new EsperError(
    'LEASE_RECORD_INVALID',
    `what is written under ${key} is no lease`,
    { key },
    { hint: 'Look who else writes to this key; leases need a prefix of their own.' },
  );
}
