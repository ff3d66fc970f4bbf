/** The life of one checkpoint file: nothing is restored from it before it was read back and its checksum agreed. */
import { setup } from 'xstate';

export type CheckpointMachineEvent =
  /** All bytes are on the device, under the final name. */
  | { readonly type: 'written' }
  | { readonly type: 'writeFailed' }
  /** Read back: what the checksum said. */
  | { readonly type: 'read'; readonly checksumMatches: boolean }
  /** Newer ones are verified and this one is over the number to keep. */
  | { readonly type: 'discard' };

/** Tags: `trusted` (may be restored), `kept` (takes space on the disk). */
export const checkpoint = setup({
  types: { events: {} as CheckpointMachineEvent, tags: {} as 'trusted' | 'kept' },
  guards: { whole: ({ event }) => event.type === 'read' && event.checksumMatches },
}).createMachine({
  id: 'checkpoint',
  initial: 'writing',
  states: {
    writing: { on: { written: 'written', writeFailed: 'discarded' } },
    written: {
      tags: 'kept',
      on: { read: [{ guard: 'whole', target: 'verified' }, { target: 'quarantined' }], discard: 'discarded' },
    },
    verified: {
      tags: ['kept', 'trusted'],
      // a disk can go bad after the first look: every restore reads again
      on: { read: [{ guard: 'whole', target: 'verified' }, { target: 'quarantined' }], discard: 'discarded' },
    },
    quarantined: { tags: 'kept', on: { discard: 'discarded' } },
    discarded: { type: 'final' },
  },
});
