/** Training by a process that imports Esper alone: what Esper needs of tensorflow.js, it brings itself. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';

interface Trained {
  readonly name: string;
  readonly losses: readonly number[];
  readonly answers: readonly number[];
  readonly bytes: number;
}

const script = fileURLToPath(new URL('./fixtures/bare-tensors.mjs', import.meta.url));
const kinds = ['dense', 'convolutional', 'foreign'] as const;
type Results = Readonly<Record<(typeof kinds)[number], readonly [tensors: Trained, own: Trained]>>;

async function on(backend: string): Promise<Results> {
  const { stdout } = await promisify(execFile)(process.execPath, [script, backend]);
  return JSON.parse(stdout) as Results;
}

const apart = (a: readonly number[], b: readonly number[]) =>
  a.length === b.length
    ? Math.max(...a.map((value, i) => Math.abs(value - b[i]!)))
    : Number.POSITIVE_INFINITY;

describe('a process that imports nothing but Esper', () => {
  let results: readonly [cpu: Results, wasm: Results];
  beforeAll(async () => {
    results = await Promise.all([on('cpu'), on('wasm')]);
  });

  it('is one: its script has no other import', () => {
    const imports = [
      ...readFileSync(script, 'utf8').matchAll(/\b(?:from|import|require)\b\s*\(?\s*'([^']+)'/g),
    ];
    expect(imports.map(([, name]) => name)).toEqual(['esper/nn']);
  });

  it.each(kinds)('trains a %s host alike on every backend and plan', (kind) => {
    const [[reference, cpu], [tensors, wasm]] = [results[0][kind], results[1][kind]];
    expect([reference, cpu, tensors, wasm].map(({ name }) => name)).toEqual([
      'tfjs-cpu',
      'fused',
      'tfjs-wasm',
      'fused',
    ]);
    expect(reference.losses.at(-1)).toBeLessThan(reference.losses[0]!);
    for (const other of [cpu, tensors, wasm]) {
      expect(apart(other.losses, reference.losses)).toBeLessThan(1e-4);
      expect(apart(other.answers, reference.answers)).toBeLessThan(1e-3);
      expect(other.bytes).toBe(reference.bytes);
    }
    expect(reference.bytes).toBeGreaterThan(0);
  });
});
