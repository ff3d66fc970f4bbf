/** What the kernels of our own are for: without them the engine is refused, and says wrong things without a word. */
import { describe, expect, it } from 'vitest';
import { smokeCheck } from '../../../nn/adapters/smoke.ts';
import { openWasm } from '../../../nn/adapters/wasm.ts';
import { openTensorRuntime } from '../../../nn/index.ts';
import { type Answer, answerOf } from '../../conformance-tensors/answer.ts';
import { CASES } from '../../conformance-tensors/cases/index.ts';
import { TOLERANCE, worstError } from '../../conformance-tensors/error.ts';

const cpu = await openTensorRuntime('cpu');
const subjects = CASES.filter(({ name }) =>
  [
    'the maximum of windows of 2x2, stride 2 sends its gradient on where all pixels are negative',
    'a product over 100 numbers, the left transposed, with bias and relu inside, adds the bias once',
  ].includes(name),
);
const expected: Answer[] = [];
for (const subject of subjects) expected.push(await answerOf(cpu, subject));
const stock = await openWasm('to compare', { pack: false });

describe('WebAssembly with stock kernels', () => {
  it('does not pass the smoke check', async () => {
    expect(await smokeCheck(stock)).toContain("'Conv2DBackpropFilter' not registered");
  });

  it.each(subjects.map(({ name }, i) => [name, i] as const))(
    'gets wrong without an error: %s',
    async (_, i) => {
      const found = await answerOf(stock, subjects[i]!);

      expect(worstError(expected[i]!.tensors, found.tensors)).toBeGreaterThan(100 * TOLERANCE);
    },
  );

  it('covers both errors that show in numbers; the third is a heap that is full', () => {
    expect(subjects).toHaveLength(2);
  });
});
