/** The life of one actor, from its first breath to its last: what its supervisor may do to it, and when it hears messages. */
import { setup } from 'xstate';

export type ActorMachineEvent =
  /** Its state is rebuilt; it can hear. */
  | { readonly type: 'ready' }
  | { readonly type: 'suspend' }
  | { readonly type: 'resume' }
  | { readonly type: 'crash' }
  /** The back-off is over: try again. */
  | { readonly type: 'restart' }
  | { readonly type: 'stop' }
  /** Nothing of it is left. */
  | { readonly type: 'stopped' };

/** Tags: `hears` (takes messages from its mailbox), `holds` (its mailbox keeps what arrives), `gone` (messages are dead letters). */
export const actorLifecycle = setup({
  types: { events: {} as ActorMachineEvent, tags: {} as 'hears' | 'holds' | 'gone' },
}).createMachine({
  id: 'actor',
  initial: 'starting',
  states: {
    starting: { tags: 'holds', on: { ready: 'ready', crash: 'restarting', stop: 'stopping' } },
    ready: { tags: ['hears', 'holds'], on: { suspend: 'suspended', crash: 'restarting', stop: 'stopping' } },
    suspended: { tags: 'holds', on: { resume: 'ready', crash: 'restarting', stop: 'stopping' } },
    restarting: { tags: 'holds', on: { restart: 'starting', stop: 'stopping' } },
    stopping: { tags: 'gone', on: { stopped: 'stopped', crash: 'stopped' } },
    stopped: { type: 'final', tags: 'gone' },
  },
});
