import { describe, expect, it } from 'vitest';
import { boundaryDigest } from '../../../actors/tolaria/digest.ts';
import { pauseAt } from '../../../actors/tolaria/pause.ts';
import { recall } from '../../../actors/tolaria/recall.ts';
import { keyOf } from '../../../actors/tolaria/run-log.ts';
import { BoundaryCommitted, RunStarted } from '../../../contracts/index.ts';
import { tinyConfig } from '../../config/training/tiny-config.ts';

const started = RunStarted.of({
  runId: 'run-1',
  config: tinyConfig(),
  catalogue: [],
  quarantined: [],
  backend: 'wasm',
  engine: 'test',
  startedAtMs: 7,
});
const boundary = (number: number) =>
  BoundaryCommitted.of({
    boundary: number,
    epoch: 0,
    step: 3 * number,
    trainingLoss: null,
    validationLoss: null,
    validationAccuracy: null,
    parameters: 1,
    seeds: [],
    decisions: [],
    transitions: [],
    digest: `0123456789abcde${number}`,
    hookMs: 0,
    multiplyAdds: 0,
  });

describe('what a journal says of a run', () => {
  it('is where it got to, what it has written, and where adaptation paused', () => {
    const records = [started, boundary(0), pauseAt(3), boundary(1)];

    expect(recall('run-1', records)).toEqual({
      started,
      lastCommitted: 1,
      lastStep: 3,
      digests: new Map([
        [0, '0123456789abcde0'],
        [1, '0123456789abcde1'],
      ]),
      paused: new Set([3]),
      commanded: [],
      known: new Set(records.map(keyOf)),
      ended: null,
    });
  });

  it('is refused when it has no beginning, or a boundary twice', () => {
    expect(() => recall('run-1', [])).toThrow(expect.objectContaining({ code: 'RUN_NEVER_STARTED' }));
    expect(() => recall('run-1', [started, boundary(0), boundary(0)])).toThrow(
      expect.objectContaining({ code: 'RUN_BOUNDARY_TWICE' }),
    );
  });
});

describe('the digest of a boundary', () => {
  const image = {
    structure: {},
    tensors: [{ name: 'w', shape: [1], data: Float32Array.of(1) }],
  };
  const saved = { run: { step: 3 }, scars: { rollbacks: 0 }, garden: { lives: [] } };

  it('covers what training depends on, and not what a run suffered', () => {
    expect(boundaryDigest(image, { ...saved, scars: { rollbacks: 4 } })).toBe(boundaryDigest(image, saved));
    expect(boundaryDigest(image, { ...saved, garden: { lives: [1] } } as typeof saved)).not.toBe(
      boundaryDigest(image, saved),
    );
  });

  it('is the same for what comes back from a checkpoint', () => {
    const odd = { ...saved, run: { step: 3, loss: Number.NaN, small: 1e-320, third: 1 / 3 } };

    expect(boundaryDigest(image, JSON.parse(JSON.stringify(odd)))).toBe(boundaryDigest(image, odd));
  });
});
