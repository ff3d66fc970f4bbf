/** WebAssembly with kernels of our own gives the answers of plain JavaScript, and leaves nothing behind. */
import { describe, expect, it } from 'vitest';
import { openTensorRuntime } from '../../../nn/index.ts';
import { type Answer, answerOf } from '../../conformance-tensors/answer.ts';
import { CASES } from '../../conformance-tensors/cases/index.ts';
import { TOLERANCE, worstError } from '../../conformance-tensors/error.ts';

async function answersOf(backend: 'cpu' | 'wasm'): Promise<Array<Answer | string>> {
  const runtime = await openTensorRuntime(backend);
  const answers: Array<Answer | string> = [];
  for (const subject of CASES) {
    answers.push(await answerOf(runtime, subject).catch((cause: Error) => cause.message));
  }
  return answers;
}

/** What is wrong with an answer; empty when nothing is. */
function fault(found: Answer | string, expected: Answer | string): string {
  if (typeof expected === 'string') return `cpu: ${expected}`;
  if (typeof found === 'string') return found;
  const error = worstError(expected.tensors, found.tensors);
  if (error > TOLERANCE) return `wrong by ${error}`;
  return found.left > expected.left ? `leaves ${found.left} behind` : '';
}

const expected = await answersOf('cpu');
const found = await answersOf('wasm');

describe('wasm agrees with cpu', () => {
  it.each([...new Set(CASES.map(({ group }) => group))])('in %s', (group) => {
    const faults = CASES.flatMap((subject, i) => {
      const wrong = subject.group === group ? fault(found[i]!, expected[i]!) : '';
      return wrong === '' ? [] : [`${subject.name}: ${wrong}`];
    });

    expect(faults).toEqual([]);
  });
});
