/** How a seed earns its place: from an empty slot to a permanent part of the network, or out again through quarantine. */
import { setup } from 'xstate';
import type { CullReason, GateName, GateResult } from '../contracts/index.ts';

/** A gate guards each step forward and the way back into the soil; what it said travels with the event. */
export type SeedEvent =
  | { readonly type: 'wake' }
  | { readonly type: 'germinate'; readonly gate: GateResult }
  | { readonly type: 'train'; readonly gate: GateResult }
  | { readonly type: 'blend'; readonly gate: GateResult }
  | { readonly type: 'shadow'; readonly gate: GateResult }
  | { readonly type: 'probation'; readonly gate: GateResult }
  | { readonly type: 'fossilize'; readonly gate: GateResult }
  | { readonly type: 'cull'; readonly reason: CullReason }
  | { readonly type: 'embargo' }
  | { readonly type: 'reset' }
  | { readonly type: 'rest'; readonly gate: GateResult }
  | { readonly type: 'terminate' };

/** Which gate each gated event must bring. G4 is asked twice: healthy enough to go live, useful enough to stay. */
export const GATE_OF: Readonly<Partial<Record<SeedEvent['type'], GateName>>> = {
  germinate: 'G0',
  train: 'G1',
  blend: 'G2',
  shadow: 'G3',
  probation: 'G4_HEALTH',
  fossilize: 'G4_CONTRIBUTION',
  rest: 'G5',
};

/** `open`: the right gate answered, and it said yes. Anything else leaves the seed where it is. */
const open = ({ event }: { event: SeedEvent }): boolean =>
  'gate' in event && event.gate.passed && event.gate.gate === GATE_OF[event.type];

/**
 * Tags answer the questions people ask: `contributes` (in the live output), `trains` (its own weights move),
 * `alive` (holds weights), `vacant` (could take a blueprint), `settled` (nothing more will happen by itself).
 */
export const seedLifecycle = setup({
  types: {
    events: {} as SeedEvent,
    tags: {} as 'contributes' | 'trains' | 'alive' | 'vacant' | 'settled',
  },
  guards: { open },
}).createMachine({
  id: 'seed',
  initial: 'UNKNOWN',
  states: {
    UNKNOWN: { on: { wake: 'DORMANT' } },
    DORMANT: {
      tags: 'vacant',
      on: { germinate: { guard: 'open', target: 'GERMINATED' }, terminate: 'TERMINATED' },
    },
    GERMINATED: {
      tags: 'alive',
      on: { train: { guard: 'open', target: 'TRAINING' }, cull: 'CULLED' },
    },
    TRAINING: {
      tags: ['alive', 'trains'],
      on: { blend: { guard: 'open', target: 'BLENDING' }, cull: 'CULLED' },
    },
    BLENDING: {
      tags: ['alive', 'trains', 'contributes'],
      on: { shadow: { guard: 'open', target: 'SHADOWING' }, cull: 'CULLED' },
    },
    SHADOWING: {
      tags: 'alive',
      on: { probation: { guard: 'open', target: 'PROBATIONARY' }, cull: 'CULLED' },
    },
    PROBATIONARY: {
      tags: ['alive', 'trains', 'contributes'],
      on: { fossilize: { guard: 'open', target: 'FOSSILIZED' }, cull: 'CULLED' },
    },
    FOSSILIZED: { tags: ['contributes', 'settled'], on: { terminate: 'TERMINATED' } },
    CULLED: { on: { embargo: 'EMBARGOED' } },
    EMBARGOED: { on: { reset: 'RESETTING' } },
    RESETTING: { on: { rest: { guard: 'open', target: 'DORMANT' } } },
    TERMINATED: { type: 'final', tags: 'settled' },
  },
});
