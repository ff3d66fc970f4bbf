/** The life of a kernel: only one that was measured and found harmless may ever be planted. */
import { setup } from 'xstate';

export type KernelMachineEvent =
  | { readonly type: 'benchmark' }
  /** What the measurements said. */
  | { readonly type: 'judge'; readonly harmless: boolean }
  /** The bench died before it had an answer. */
  | { readonly type: 'abandon' }
  /** It did harm in a run although it was certified. */
  | { readonly type: 'quarantine' }
  | { readonly type: 'archive' };

/** Tag `plantable`: Tamiyo may choose it. */
export const kernelLifecycle = setup({
  types: { events: {} as KernelMachineEvent, tags: {} as 'plantable' },
  guards: { harmless: ({ event }) => event.type === 'judge' && event.harmless },
}).createMachine({
  id: 'kernel',
  initial: 'PENDING_BENCHMARKING',
  states: {
    PENDING_BENCHMARKING: { on: { benchmark: 'BENCHMARKING', archive: 'ARCHIVED' } },
    BENCHMARKING: {
      on: {
        judge: [{ guard: 'harmless', target: 'VALIDATED' }, { target: 'REJECTED' }],
        abandon: 'PENDING_BENCHMARKING',
      },
    },
    VALIDATED: { tags: 'plantable', on: { quarantine: 'REJECTED', archive: 'ARCHIVED' } },
    REJECTED: { on: { archive: 'ARCHIVED' } },
    ARCHIVED: { type: 'final' },
  },
});
