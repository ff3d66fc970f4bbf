/** What passes between two ends of a link; anything else that arrives is turned away at the door. */
import { type Static, Type } from '@sinclair/typebox';
import { Failure } from '../../contracts/failure.ts';
import { checkerOf } from '../checker.ts';

const Topic = Type.String({ minLength: 1, maxLength: 200 });
const RequestId = Type.Integer({ minimum: 1 });
const closed = { additionalProperties: false };

export const Envelope = Type.Union([
  Type.Object({ is: Type.Literal('publish'), topic: Topic, body: Type.Unknown() }, closed),
  Type.Object({ is: Type.Literal('request'), id: RequestId, topic: Topic, body: Type.Unknown() }, closed),
  Type.Object({ is: Type.Literal('reply'), id: RequestId, body: Type.Unknown() }, closed),
  Type.Object({ is: Type.Literal('failure'), id: RequestId, failure: Failure }, closed),
]);
export type Envelope = Static<typeof Envelope>;

const checker = checkerOf(Envelope);

/** Nothing when it is not an envelope. */
export function parseEnvelope(received: unknown): Envelope | undefined {
  return checker.check(received) ? received : undefined;
}
