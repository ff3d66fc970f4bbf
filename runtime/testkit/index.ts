/** For tests of people's own actors: a handler in one call, a system on virtual time, and probes that remember. */
export { type Decided, decide } from './decide.ts';
export { type Probe, probe } from './probe.ts';
export type { Effect, RecordingOptions } from './recording-cx.ts';
export { type TestSystem, type TestSystemOptions, testSystem } from './test-system.ts';
