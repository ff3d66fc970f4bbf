/** The life of a blueprint: believed by nobody until it compiled, and never deleted. */
import { setup } from 'xstate';

export type BlueprintMachineEvent =
  | { readonly type: 'compile' }
  | { readonly type: 'compiled' }
  /** Not a valid plan, or the compiler gave up. */
  | { readonly type: 'reject' }
  | { readonly type: 'archive' };

/** Tag `usable`: kernels can be made of it. */
export const blueprintLifecycle = setup({
  types: { events: {} as BlueprintMachineEvent, tags: {} as 'usable' },
}).createMachine({
  id: 'blueprint',
  initial: 'UNVALIDATED',
  states: {
    UNVALIDATED: { on: { compile: 'COMPILING', archive: 'ARCHIVED' } },
    COMPILING: { on: { compiled: 'COMPILED', reject: 'INVALID' } },
    COMPILED: { tags: 'usable', on: { archive: 'ARCHIVED' } },
    INVALID: { on: { archive: 'ARCHIVED' } },
    ARCHIVED: { type: 'final' },
  },
});
