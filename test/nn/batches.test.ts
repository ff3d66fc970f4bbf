/** Batches and losses: the arithmetic around the network. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBatchStream } from '../../nn/index.ts';
import { lossAndGradient, Tally } from '../../nn/loss-head.ts';

describe('a batch stream', () => {
  it('shows every row once an epoch, in an order that depends on seed and epoch alone', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 20 }),
        fc.nat(),
        (rows, batch, runSeed) => {
          const stream = createBatchStream({ rows, batch, runSeed });
          const epoch = Array.from({ length: stream.stepsPerEpoch }, (_, step) => [
            ...stream.at(step),
          ]).flat();
          const late = createBatchStream({ rows, batch, runSeed }).at(3 * stream.stepsPerEpoch);

          expect(epoch.toSorted((a, b) => a - b)).toEqual(Array.from({ length: rows }, (_, i) => i));
          expect(late).toEqual(stream.at(3 * stream.stepsPerEpoch));
        },
      ),
    );
  });

  it('gives the whole table at every step when asked for all', () => {
    const stream = createBatchStream({ rows: 4, batch: 'all', runSeed: 1 });

    expect([stream.stepsPerEpoch, ...stream.at(17)]).toEqual([1, 0, 1, 2, 3]);
    expect(() => createBatchStream({ rows: 0, batch: 'all', runSeed: 1 })).toThrow(
      expect.objectContaining({ code: 'NN_NO_ROWS' }),
    );
  });
});

describe('the loss', () => {
  it('of softmax stays finite for logits at the edge of float32, and is not fooled by NaN', () => {
    const targets = Float32Array.of(1, 0, 0);
    const edge = lossAndGradient('softmax_cross_entropy', Float32Array.of(-3e38, 3e38, 0), targets, 1);
    const nan = lossAndGradient('softmax_cross_entropy', Float32Array.of(Number.NaN, 0, 0), targets, 1);

    expect(Number.isFinite(edge.loss)).toBe(true);
    expect([...edge.gradient]).toEqual([-1, 1, 0]);
    expect(nan.loss).toBeNaN();
  });

  it('has the gradient that finite differences find', () => {
    const number = fc.double({ min: -3, max: 3, noNaN: true });
    fc.assert(
      fc.property(
        fc.constantFrom('mse', 'softmax_cross_entropy'),
        fc.array(number, { minLength: 4, maxLength: 4 }),
        (loss, z) => {
          const targets = Float32Array.of(1, 0, 0, 1);
          const at = (shift: number) =>
            lossAndGradient(
              loss,
              Float32Array.from(z, (v, i) => (i === 1 ? v + shift : v)),
              targets,
              2,
            ).loss;
          const { gradient } = lossAndGradient(loss, Float32Array.from(z), targets, 2);

          expect((at(1e-2) - at(-1e-2)) / 2e-2).toBeCloseTo(gradient[1]!, 3);
        },
      ),
    );
  });

  it('is tallied with accuracy and margin as they are defined', () => {
    const signs = new Tally('mse', 'values');
    signs.add(Float32Array.of(0.9, -0.1, 0.1), Float32Array.of(1, -1, -1), 3);
    const classes = new Tally('softmax_cross_entropy', 'classes');
    classes.add(Float32Array.of(2, 1, 0, 3), Float32Array.of(1, 0, 1, 0), 2);
    const values = new Tally('mse', 'values');
    values.add(Float32Array.of(0.5), Float32Array.of(0.5), 1);

    expect(signs.result()).toMatchObject({ accuracy: 2 / 3, margin: 1 / 3, rows: 3 });
    expect(classes.result()).toMatchObject({ accuracy: 0.5, margin: null });
    expect(values.result()).toEqual({ loss: 0, accuracy: null, margin: null, rows: 1 });
  });
});
