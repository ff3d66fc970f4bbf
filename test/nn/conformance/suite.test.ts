/** The conformance suite finds what it is there to find. */
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { openTensorRuntime, type TensorRuntime } from '../../../nn/index.ts';
import { answerOf } from '../../conformance-tensors/answer.ts';
import { type Case, gradients, group, values } from '../../conformance-tensors/case.ts';
import { CASES } from '../../conformance-tensors/cases/index.ts';
import { slopesOf } from '../../conformance-tensors/difference.ts';
import { SLOPE_TOLERANCE, TOLERANCE, worstError, worstSlope } from '../../conformance-tensors/error.ts';
import { parse } from '../../conformance-tensors/options.ts';
import { filled } from '../../conformance-tensors/page.ts';
import { holds, verdictOf } from '../../conformance-tensors/verdict.ts';

const finite = fc.float({ noNaN: true, noDefaultInfinity: true, min: -1000, max: 1000 });

describe('an error', () => {
  it('is nothing between equals, whatever they are', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(finite, fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY))),
        (list) => {
          expect(worstError([Float32Array.from(list)], [Float32Array.from(list)])).toBe(0);
        },
      ),
    );
  });

  it.each([
    ['a number that is not one', [1, 2], [1, Number.NaN]],
    ['an infinity that is none', [Number.POSITIVE_INFINITY, 1], [3, 1]],
    ['a tensor of another size', [1, 2], [1]],
  ])('has no bound for %s', (_, expected, found) => {
    expect(worstError([Float32Array.from(expected)], [Float32Array.from(found)])).toBe(
      Number.POSITIVE_INFINITY,
    );
  });

  it('is measured by the size of the tensor, so that small ones are held to as many digits', () => {
    const off = (scale: number) =>
      worstError([Float32Array.of(scale, -scale)], [Float32Array.of(scale, -scale * 1.001)]);

    expect(off(1)).toBeCloseTo(1e-3, 6);
    expect(off(0.05)).toBeCloseTo(1e-3, 6);
    expect(off(1e4)).toBeCloseTo(1e-3, 6);
  });

  it('forgives what should be nothing and nearly is', () => {
    expect(worstError([Float32Array.of(0, 0)], [Float32Array.of(1e-7, -1e-7)])).toBeLessThan(TOLERANCE);
  });
});

describe('the suite', () => {
  let cpu: TensorRuntime;
  beforeAll(async () => {
    cpu = await openTensorRuntime('cpu');
  });
  const lone = (subject: Omit<Case, 'group'>) => group('planted', [subject])[0]!;

  it('finds a gradient that is a tenth too long, and passes the right one', async () => {
    const cube = (factor: number) =>
      tf.customGrad((x) => ({
        value: tf.pow(x as tf.Tensor, 3),
        gradFunc: (dy: tf.Tensor) => tf.mul(dy, tf.mul(tf.square(x as tf.Tensor), 3 * factor)),
      })) as (x: tf.Tensor) => tf.Tensor;
    const errorOf = async (factor: number) => {
      const subject = lone(
        gradients(
          'a cube',
          (draw) => [draw.positive([9])],
          (x) => cube(factor)(x!),
        ),
      );
      const { tensors } = await answerOf(cpu, subject);
      return worstSlope(await slopesOf(cpu, subject, tensors), tensors);
    };

    expect(await errorOf(1)).toBeLessThan(SLOPE_TOLERANCE);
    expect(await errorOf(1.1)).toBeGreaterThan(SLOPE_TOLERANCE);
  });

  it('finds memory that a case leaves behind', async () => {
    const hoard: tf.Tensor[] = [];
    const subject = lone(
      values(
        'hoards',
        (draw) => [draw.normal([4])],
        (x) => {
          hoard.push(tf.keep(tf.square(x!)));
          return tf.neg(x!);
        },
      ),
    );
    const { left } = await answerOf(cpu, subject);
    tf.dispose(hoard);

    expect(left).toBe(1);
  });

  it('answers alike twice, for inputs are drawn from the name of the case', async () => {
    const subject = CASES[0]!;

    expect((await answerOf(cpu, subject)).tensors).toEqual((await answerOf(cpu, subject)).tensors);
  });

  it('names each of its cases once', () => {
    const names = CASES.map(({ group: of, name }) => `${of}: ${name}`);

    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThan(250);
  });

  it('fails a backend that is supported or asked for and not there, and no other', () => {
    const missing = (name: 'wasm' | 'webgpu') => ({ name, absent: 'no driver', device: null, outcomes: [] });

    expect(holds([verdictOf(missing('webgpu'), missing('wasm'), false)])).toBe(true);
    expect(holds([verdictOf(missing('webgpu'), missing('wasm'), true)])).toBe(false);
    expect(holds([verdictOf(missing('wasm'), missing('wasm'), false)])).toBe(false);
  });
});

describe('the words on the command line', () => {
  it('choose backends, always with the one they are compared with', () => {
    expect(parse(['--backend', 'wasm'])).toMatchObject({ backends: ['cpu', 'wasm'], named: true });
    expect(parse([])).toMatchObject({ named: false, json: null, write: false });
  });

  it.each([[['--backend', 'abacus']], [['--loud']], [['--write', '--backend', 'wasm']]])(
    'are refused with the help: %s',
    (words) => {
      expect(parse(words)).toMatchObject({ status: 2, text: expect.stringContaining('--json') });
    },
  );
});

describe('the page', () => {
  it('is filled between its marks and keeps the rest', () => {
    const page = 'above\n<!-- generated: a -->\nold\n<!-- end -->\nbelow\n';
    const once = filled(page, { a: 'new' });

    expect(once).toBe('above\n<!-- generated: a -->\nnew\n<!-- end -->\nbelow\n');
    expect(filled(once, { a: 'new' })).toBe(once);
    expect(() => filled(page, { b: 'new' })).toThrow('no section');
  });

  it('shows every group of cases; `npm run conformance:tensors -- --write` fills it again', () => {
    const page = readFileSync(new URL('../../../docs/backends.md', import.meta.url), 'utf8');
    const counts = new Map<string, number>();
    for (const { group: of } of CASES) counts.set(of, (counts.get(of) ?? 0) + 1);
    const absent = [...counts].filter(([of, count]) => !page.includes(`| ${of} | ${count} |`));

    expect(absent).toEqual([]);
  });
});
