import { defineConfig } from 'vitest/config';

/** Tests that train networks: seconds instead of milliseconds, and one tensor engine a process. */
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
  'test/config/training/**',
];

/**
 * Three projects: `unit` is pure and quick, `tensors` trains small networks in process,
 * `integration` runs the build as a person would: processes, threads, disks, signals.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...tensors, 'test/integration/**'],
          testTimeout: 20_000,
          isolate: false, // these share nothing that could leak, and loading modules once per worker halves the time
        },
      },
      {
        test: {
          name: 'tensors',
          include: tensors.map((path) => path.replace(/\*\*$/, '**/*.test.ts')),
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          testTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
