/** For tests of people's own actors: a handler in one call, a system on virtual time, and probes that remember. */
export { memoryBroker } from '../adapters/memory/broker.ts';
export { memoryDisk } from '../adapters/memory/disk.ts';
export { memoryEventStore } from '../adapters/memory/event-store.ts';
export { memoryJournal } from '../adapters/memory/journal.ts';
export { memorySpillStore } from '../adapters/memory/spill.ts';
export { memoryTracing } from '../adapters/memory/tracing.ts';
export { type Decided, decide } from './decide.ts';
export { type Probe, probe } from './probe.ts';
export type { Effect, RecordingOptions } from './recording-cx.ts';
export { type TestSystem, type TestSystemOptions, testSystem } from './test-system.ts';
