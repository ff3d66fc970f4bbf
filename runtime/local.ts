/** The actor system of one process: what its actors load, without the journals and the nodes that `index.ts` brings along. */
export { defineActor } from './actor/behaviour.ts';
export { accept, isRefusal, refuse } from './actor/decision.ts';
export { supervisor, worker } from './supervisor/declare.ts';
export { hostWorker } from './supervisor/host-worker.ts';
export { startSystem } from './system.ts';
