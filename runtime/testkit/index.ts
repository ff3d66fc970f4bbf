/** For tests of people's own actors: a system on virtual time, and probes that remember. */
export { type Probe, probe } from './probe.ts';
export { type TestSystem, type TestSystemOptions, testSystem } from './test-system.ts';
