/** A fuse that counts boundaries instead of seconds: after too many failures in a row it stays open for a while, then lets one try through. */
import { assign, setup } from 'xstate';

export interface BreakerLimits {
  /** Failures in a row that open it. */
  readonly failures: number;
  /** Boundaries that it stays open. */
  readonly boundaries: number;
}

export type BreakerMachineEvent =
  | { readonly type: 'succeed' }
  | { readonly type: 'fail' }
  /** One epoch boundary has passed. */
  | { readonly type: 'tick' };

/** Tag `lets`: a call may be made now. */
export const breaker = setup({
  types: {
    context: {} as BreakerLimits & { readonly failed: number; readonly waited: number },
    input: {} as BreakerLimits,
    events: {} as BreakerMachineEvent,
    tags: {} as 'lets',
  },
  guards: {
    worn: ({ context }) => context.failed + 1 >= context.failures,
    rested: ({ context }) => context.waited + 1 >= context.boundaries,
  },
  actions: {
    countFailure: assign({ failed: ({ context }) => context.failed + 1 }),
    forgetFailures: assign({ failed: 0 }),
    countBoundary: assign({ waited: ({ context }) => context.waited + 1 }),
    startWaiting: assign({ failed: 0, waited: 0 }),
  },
}).createMachine({
  id: 'breaker',
  context: ({ input }) => ({ ...input, failed: 0, waited: 0 }),
  initial: 'CLOSED',
  states: {
    CLOSED: {
      tags: 'lets',
      on: {
        succeed: { actions: 'forgetFailures' },
        fail: [{ guard: 'worn', target: 'OPEN', actions: 'startWaiting' }, { actions: 'countFailure' }],
      },
    },
    OPEN: {
      on: { tick: [{ guard: 'rested', target: 'HALF_OPEN' }, { actions: 'countBoundary' }] },
    },
    HALF_OPEN: {
      tags: 'lets',
      on: {
        succeed: { target: 'CLOSED', actions: 'forgetFailures' },
        fail: { target: 'OPEN', actions: 'startWaiting' },
      },
    },
  },
});
