/** Answers are data: the yes in them, or the code of the no. */
import { isRefusal, type Refusal } from '../../../runtime/index.ts';

/** What was answered; a refusal fails the test with its code. */
export function yes<T>(answer: T | Refusal): T {
  if (isRefusal(answer)) throw new Error(`refused: ${answer.refused} ${JSON.stringify(answer.details)}`);
  return answer;
}

/** The refusal's code, or `accepted`. */
export const no = (answer: unknown): string => (isRefusal(answer) ? answer.refused : 'accepted');
