/** What the schedulers of a node say on its bus counts for its bids, and goes out all the same. */
import { expect, it } from 'vitest';
import { InProcessBus } from '../../../actors/oona/in-process-bus.ts';
import { overheard } from '../../../config/cluster/overheard.ts';
import { TOPICS } from '../../../contracts/index.ts';
import { memoryClock } from '../../../runtime/adapters/memory/clock.ts';
import { memoryIds } from '../../../runtime/adapters/memory/ids.ts';
import { memoryMetrics } from '../../../runtime/adapters/memory/metrics.ts';
import type { BusMessage } from '../../../runtime/index.ts';
import { Strain } from '../../../runtime/placement/strain.ts';
import { feedback } from '../../runtime/placement/facts.ts';

const CALM = { starvingMs: 0, overcommit: 0, ioHeat: 0 };

function node() {
  const [clock, metrics] = [memoryClock(), memoryMetrics()];
  const network = new InProcessBus({ clock, ids: memoryIds() });
  const strain = new Strain(clock);
  return { clock, metrics, network, strain, bus: overheard(network, strain, metrics) };
}

it('a sample that this node says is felt and goes on; one that comes from elsewhere is not felt', async () => {
  const { clock, network, strain, bus } = node();
  const heard: BusMessage[] = [];
  bus.subscribe(TOPICS.taskFeedback, (message) => void heard.push(message));
  network.publish(TOPICS.taskFeedback, feedback(7_000));
  await clock.advance(1);
  expect(strain.felt(CALM).starvingMs).toBe(0);

  expect(bus.publish(TOPICS.taskFeedback, feedback(2_000), 4)).toBe(true);
  await clock.advance(1);
  expect(strain.felt(CALM).starvingMs).toBeGreaterThan(1_900);
  expect(heard.map(({ body, priority }) => [body, priority])).toEqual([
    [feedback(7_000), 2],
    [feedback(2_000), 4],
  ]);
});

it('what is no sample is counted and not believed', () => {
  const { metrics, strain, bus } = node();
  bus.publish(TOPICS.taskFeedback, { ...feedback(9_000), overcommit: -1 } as never);

  expect(strain.felt(CALM)).toMatchObject(CALM);
  expect(metrics.value('esper_task_feedback_misread_total')).toBe(1);
});
