/** Subscribes actors to what their routes say: how a unit begins to hear when it starts, and leaves when it stops. */
import type { Bus, Ref } from '../../runtime/index.ts';
import { deliverTo, type Route } from './behaviour.ts';

/**
 * @param to `refTo`: finds the actor of a path; `withinMs`: how long it may take over one message
 * @returns ends all of it; what is published afterwards on critical topics of a network waits for the next to follow
 */
export function follow(
  bus: Bus,
  routes: readonly Route[],
  to: { readonly refTo: (path: string) => Ref<{ readonly type: string }>; readonly withinMs: number },
): () => void {
  const leave = routes.map((route) =>
    bus.subscribe(route.pattern, deliverTo(to.refTo(route.to), route.how, to.withinMs), {
      queue: route.queue,
    }),
  );
  return () => {
    for (const unsubscribe of leave) unsubscribe();
  };
}
