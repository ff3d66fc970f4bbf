import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** Tests that train networks: seconds instead of milliseconds. */
const tensors = [
  'test/nn/*.test.ts',
  'test/nn/kernels/**',
  'test/nn/fused/**',
  'test/nn/conformance/**',
  'test/nn/backends/**',
  'test/nn/wrap/**',
  'test/actors/urabrask/**',
  'test/actors/urza/pipeline.test.ts',
  'test/actors/triad/**',
];
/** Whole runs in which modules are replaced: each file has modules of its own. */
const training = ['test/config/training/**'];

const testsUnder = (path: string) => path.replace(/\*\*$/, '**/*.test.ts');

/** Every core works, but no more processes than tensor engines find memory for. */
const maxWorkers = Math.min(availableParallelism(), 8);
/** Files that share nothing but modules and tensor engines: loading these once a worker halves the time. */
const isolate = false;

/**
 * Four projects: `unit` is pure and quick, `tensors` trains small networks in process, `training` whole runs,
 * `integration` runs the build as a person would: processes, threads, disks, signals. It comes last and two files at a
 * time: what it starts has threads of its own.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...tensors, ...training, 'test/integration/**'],
          testTimeout: 60_000,
          maxWorkers,
          isolate,
        },
      },
      {
        test: {
          name: 'tensors',
          include: tensors.map(testsUnder),
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers,
          isolate,
        },
      },
      {
        test: {
          name: 'training',
          include: training.map(testsUnder),
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
