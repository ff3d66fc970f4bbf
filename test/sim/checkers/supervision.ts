/** Invariant 5: no supervisor restarts more often than its spec allows; and every question gets one answer. */
import type { Violation } from '../../../runtime/simulation/index.ts';
import { pick, type SimHistory } from './pick.ts';

/** A supervisor that was itself restarted counts anew. */
export function restartsWithinIntensity(history: SimHistory): Violation[] {
  const windows = new Map<string, number[]>();
  return pick(history, 'restart').flatMap(({ node, life, event }) => {
    const { supervisor, child, intensity, periodMs, clockMs } = event;
    const place = (id: string) => `${node} ${life} ${id}`;
    windows.delete(place(child));
    const recent = (windows.get(place(supervisor)) ?? []).filter((atMs) => clockMs - atMs < periodMs);
    recent.push(clockMs);
    windows.set(place(supervisor), recent);
    return recent.length <= intensity
      ? []
      : [
          {
            invariant: 'restarts within intensity',
            message: `${supervisor}: ${recent.length} of ${intensity}`,
          },
        ];
  });
}

/** @param slackMs how late an answer may be: a tick of the wheel, and pauses of the node */
export function everyQuestionIsSettledOnce(history: SimHistory, slackMs = 25): Violation[] {
  const open = new Map<string, { readonly dueMs: number; readonly life: string }>();
  const ended = new Map<string, number>();
  const violations: Violation[] = [];
  const complain = (message: string) =>
    violations.push({ invariant: 'every question is settled once', message });
  for (const { atMs, node, life, event } of history) {
    ended.set(node, Math.max(life, ended.get(node) ?? 0));
    if (event.kind === 'asked')
      open.set(event.id, { dueMs: atMs + event.withinMs + slackMs, life: `${node} ${life}` });
    if (event.kind !== 'settled') continue;
    const question = open.get(event.id);
    if (question === undefined) complain(`${event.id} was settled twice`);
    else if (atMs > question.dueMs) complain(`${event.id} was settled ${atMs - question.dueMs} ms too late`);
    open.delete(event.id);
  }
  for (const [id, { life }] of open) {
    const [node = '', number] = life.split(' ');
    if (ended.get(node) === Number(number)) complain(`${id} was never settled`);
  }
  return violations;
}
