/** The bus of a node with an ear on it: what the node's own schedulers say of themselves counts for its bids. */
import type { OonaBus } from '../../actors/oona/oona-bus.ts';
import { TOPICS } from '../../contracts/index.ts';
import type { Metrics } from '../../runtime/index.ts';
import type { Strain } from '../../runtime/placement/strain.ts';

/**
 * Reads on the way out: what other nodes say comes in, and is about them. All that this node and its threads say passes here.
 * @param bus said to and closed as before
 */
export const overheard = (bus: OonaBus, strain: Strain, metrics: Pick<Metrics, 'count'>): OonaBus => ({
  publish(topic, body, options) {
    if (topic === TOPICS.taskFeedback && !strain.note(body))
      metrics.count('esper_task_feedback_misread_total');
    return bus.publish(topic, body, options);
  },
  subscribe: (...asked) => bus.subscribe(...asked),
  request: (...asked) => bus.request(...asked),
  respond: (...asked) => bus.respond(...asked),
  counters: () => bus.counters(),
  deadLetters: () => bus.deadLetters(),
  close: () => bus.close(),
});
