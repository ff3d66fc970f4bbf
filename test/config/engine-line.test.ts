/** The first line of a run: short on a machine like most, with reasons where there was a choice. */
import { describe, expect, it } from 'vitest';
import { engineLine } from '../../config/engine-line.ts';
import type { TensorRuntime } from '../../nn/index.ts';

const opened = (passed: Readonly<Record<string, string>>, reason = 'the fastest here whose sums are right') =>
  ({
    name: 'wasm',
    device: 'WebAssembly SIMD',
    reason,
    tried: [
      ...Object.entries(passed).map(([name, whyNot]) => ({ name, stepMs: null, whyNot })),
      { name: 'wasm', stepMs: null, whyNot: null },
    ],
  }) as unknown as TensorRuntime;

describe('the line about the engine', () => {
  it('is short where nothing but the package is installed', () => {
    const usual = opened({
      'node-gpu': '@tensorflow/tfjs-node-gpu not installed',
      webgpu: '@tensorflow/tfjs-backend-webgpu and webgpu not installed',
    });

    expect(engineLine('fused', usual)).toBe(
      'computes on the fused plan (WebAssembly SIMD); no GPU package: esper doctor --gpu',
    );
  });

  it('tells why where a package is there and was not taken', () => {
    const tried = opened({
      'node-gpu': 'no GPU device',
      webgpu: '@tensorflow/tfjs-backend-webgpu not installed',
    });
    const line = engineLine('fused', tried);

    expect(line).toContain('computes on fused plan on wasm (WebAssembly SIMD): the fastest here');
    expect(line).toContain('node-gpu: no GPU device');
  });

  it('names the backend that was asked for', () => {
    expect(engineLine('tfjs', opened({}, 'asked for'))).toBe(
      'computes on tfjs plan on wasm (WebAssembly SIMD): asked for',
    );
  });
});
