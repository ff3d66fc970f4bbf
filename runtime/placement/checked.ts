/** What arrives may come from anybody: it is checked before it is believed. */
import type { Refusal } from '../../contracts/failure.ts';
import { ContractError } from '../../contracts/message.ts';
import { type Decision, isRefusal, refuse } from '../actor/decision.ts';

interface Readable<T> {
  parse(received: unknown): T;
}

/** Brought up to date, or PLACEMENT_MISREAD. */
export function opened<T extends object>(contract: Readable<T>, message: unknown): T | Refusal {
  try {
    return contract.parse(message);
  } catch (thrown) {
    if (!(thrown instanceof ContractError)) throw thrown;
    const { contract: name, path, problem } = thrown;
    return refuse('PLACEMENT_MISREAD', { contract: name, path, problem }) as Refusal;
  }
}

export function checked<T extends object>(
  contract: Readable<T>,
  message: unknown,
  then: (said: T) => Decision,
): Decision {
  const said = opened(contract, message);
  return isRefusal(said) ? said : then(said);
}
