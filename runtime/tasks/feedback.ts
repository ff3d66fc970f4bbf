/** Measures a scheduler over intervals: who hungers, what is too much, what is waited for. */
import { TaskFeedback } from '../../contracts/task-feedback.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { TaskEngine } from './engine.ts';

export class FeedbackMeter {
  readonly #engine: TaskEngine;
  readonly #actor: string;
  readonly #scheduler: string;
  #beganMs: number;
  #stepsBefore = 0;
  #turns = 0;
  #spentTurns = 0;
  /** Task-milliseconds lived in this interval; counted from turn to turn. */
  #livedMs = 0;
  #countedMs: number;
  #living = 0;

  constructor(engine: TaskEngine, actor: string, scheduler: string, nowMs: number) {
    this.#engine = engine;
    this.#actor = actor;
    this.#scheduler = scheduler;
    this.#beganMs = nowMs;
    this.#countedMs = nowMs;
  }

  /** Monotonic milliseconds at which the present interval began. */
  get beganMs(): number {
    return this.#beganMs;
  }

  /** A turn is over. */
  turned(spent: boolean, nowMs: number): void {
    this.#turns++;
    if (spent) this.#spentTurns++;
    this.#count(nowMs);
  }

  /** An interval in which there was no task does not count: the next begins now. */
  skip(nowMs: number): void {
    this.#count(nowMs);
    this.#engine.heat.sample(nowMs);
    this.#engine.ready.worstWaitsMs(nowMs);
    this.#begin(nowMs);
  }

  /** What the interval came to; the next begins now. */
  sample(nowMs: number): TaskFeedback {
    this.#count(nowMs);
    const { ready, heat, living, steps } = this.#engine;
    const intervalMs = Math.max(0, nowMs - this.#beganMs);
    const made = steps - this.#stepsBefore;
    const lived = this.#livedMs;
    const feedback = TaskFeedback.of({
      actor: this.#actor,
      scheduler: this.#scheduler,
      intervalMs,
      ready: ready.size,
      waiting: Math.max(0, living.size - ready.size),
      steps: made,
      turns: this.#turns,
      spentTurns: this.#spentTurns,
      starvation: ready.worstWaitsMs(nowMs).map((worstWaitMs, priority) => ({
        ready: ready.sizeOf(priority),
        worstWaitMs,
      })),
      overcommit: ready.size / Math.max(1, made),
      ioHeat: heat.sample(nowMs).map(({ label, waits, waitedMs }) => ({
        label,
        waits,
        meanWaiting: intervalMs > 0 ? waitedMs / intervalMs : 0,
        share: lived > 0 ? Math.min(1, waitedMs / lived) : 0,
      })),
    });
    this.#begin(nowMs);
    return feedback;
  }

  #begin(nowMs: number): void {
    this.#beganMs = nowMs;
    this.#stepsBefore = this.#engine.steps;
    this.#turns = 0;
    this.#spentTurns = 0;
    this.#livedMs = 0;
  }

  #count(nowMs: number): void {
    this.#livedMs += this.#living * (nowMs - this.#countedMs);
    this.#countedMs = nowMs;
    this.#living = this.#engine.living.size;
  }
}

/** The same as metrics; `tasks` is the scheduler's name. */
export function measure(metrics: Metrics, feedback: TaskFeedback): void {
  const tasks = feedback.scheduler;
  metrics.gauge('esper_tasks', feedback.ready, { tasks, state: 'ready' });
  metrics.gauge('esper_tasks', feedback.waiting, { tasks, state: 'waiting' });
  metrics.count('esper_task_steps_total', feedback.steps, { tasks });
  metrics.gauge('esper_task_overcommit', feedback.overcommit, { tasks });
  for (const [priority, { worstWaitMs }] of feedback.starvation.entries()) {
    metrics.observe('esper_task_wait_seconds', worstWaitMs / 1_000, { tasks, class: String(priority) });
  }
  for (const { label, share } of feedback.ioHeat) {
    metrics.gauge('esper_task_io_share', share, { tasks, label });
  }
}
