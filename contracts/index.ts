/** Leyline: what is said between the parts of Esper, versioned and checked. */
export * from './blueprint.ts';
export * from './catalogue.ts';
export * from './codec.ts';
export * from './codec-guard.ts';
export * from './codec-packet.ts';
export * from './envelope.ts';
export * from './failure.ts';
export * from './message.ts';
export * from './packet.ts';
export * from './random-stream.ts';
export * from './run-config.ts';
export * from './run-journal.ts';
export * from './seed.ts';
export * from './telemetry.ts';
export * from './units.ts';
