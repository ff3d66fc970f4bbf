/** Simulation: runs whole actor systems from a seed, breaks them in every way known, and says how. */
export { describeFault, type Fault, type FaultKind } from './fault.ts';
export { type FaultProfile, planFaults } from './fault-plan.ts';
export type { Happening, Note } from './history.ts';
export type { Life, Scenario, Violation, Witness, World } from './scenario.ts';
export { type ShrinkOptions, type Shrunk, shrink } from './shrink.ts';
export { type Outcome, planOf, type SimulateOptions, simulate } from './simulate.ts';
