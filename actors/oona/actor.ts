/** Oona carries what is said to whoever listens: she owns the bus and the routes. */
import type { BusStateRequested, PublishMessage } from '../../contracts/index.ts';
import { accept, defineActor, refuse } from '../../runtime/local.ts';
import type { Route } from './behaviour.ts';
import { follow } from './follow.ts';
import type { OonaBus } from './oona-bus.ts';

export interface OonaArgs {
  readonly bus: OonaBus;
  readonly routes: readonly Route[];
  /** How long an actor may take over one message before it is tried again, in ms. */
  readonly deliverWithinMs: number;
}

interface OonaState {
  readonly bus: OonaBus;
  readonly leave: () => void;
}

export const oona = defineActor<OonaState, PublishMessage | BusStateRequested, never, OonaArgs>({
  name: 'oona',
  mailbox: { capacity: 1024, whenFull: 'refuse' },
  fresh: (cx, { bus, routes, deliverWithinMs }) => ({
    bus,
    leave: follow(bus, routes, { refTo: (path) => cx.ref(path), withinMs: deliverWithinMs }),
  }),
  decide: {
    'oona.message.publish': ({ bus }, { topic, body, priority }) =>
      bus.publish(topic, body, priority) ? accept() : refuse('OONA_SHED', { topic, priority }),
    'oona.state.requested': ({ bus }) => accept({ counters: bus.counters(), deadLetters: bus.deadLetters() }),
  },
  stopped: ({ leave }) => leave(),
});
