/** The server's word that it has stored a message, read with suspicion. */
import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { RequestFailed } from './request-failed.ts';

const Stored = Type.Object({
  stream: Type.String(),
  seq: Type.Integer({ minimum: 1 }),
  duplicate: Type.Optional(Type.Boolean()),
});
const Refused = Type.Object({
  error: Type.Object({
    code: Type.Integer(),
    err_code: Type.Optional(Type.Integer()),
    description: Type.Optional(Type.String()),
  }),
});

/** @throws RequestFailed when the server said no, or something else */
export function puback(bytes: Uint8Array): Static<typeof Stored> {
  const answer: unknown = parsed(bytes);
  if (Value.Check(Refused, answer)) {
    const { err_code = 0, description = 'refused' } = answer.error;
    throw new RequestFailed('refused', description, err_code);
  }
  if (Value.Check(Stored, answer)) return answer;
  throw new RequestFailed('refused', 'an answer that cannot be understood');
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
}
