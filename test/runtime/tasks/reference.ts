/** The simplest scheduler that keeps the promises: what the real one is compared with. One class, no heap, no turns. */

/** A task as data. `which` names a task by its place among all that were ever started, counted round. */
export type Op =
  | { readonly do: 'pause' }
  | { readonly do: 'sleep'; readonly ms: number }
  | { readonly do: 'join'; readonly which: number; readonly withinMs: number | null }
  | { readonly do: 'spawn'; readonly ops: readonly Op[]; readonly detached: boolean }
  | { readonly do: 'cancel'; readonly which: number }
  | { readonly do: 'throw' };

interface Actor {
  readonly id: number;
  readonly ops: readonly Op[];
  readonly parent: Actor | null;
  readonly children: Set<Actor>;
  readonly joiners: Set<Actor>;
  at: number;
  begun: boolean;
  dueMs: number;
  order: number;
  target: Actor | null;
  waits: boolean;
  cancelAsked: boolean;
  heard: string | null;
  end: string | null;
}

/** @returns every step in order, then every end: `3:1` is the second operation of the third task */
export function referenceTrace(programs: readonly (readonly Op[])[]): readonly string[] {
  const trace: string[] = [];
  const all: Actor[] = [];
  const ready: Actor[] = [];
  let [nowMs, order] = [0, 0];
  const pick = (which: number) => all[which % all.length] as Actor;
  const wake = (task: Actor, heard: string | null) => {
    task.heard = heard;
    task.waits = false;
    task.target?.joiners.delete(task);
    task.target = null;
    task.dueMs = Number.POSITIVE_INFINITY;
    ready.push(task);
  };
  const born = (ops: readonly Op[], parent: Actor | null) => {
    const task: Actor = {
      id: all.length,
      ops,
      parent,
      children: new Set(),
      joiners: new Set(),
      at: 0,
      begun: false,
      dueMs: Number.POSITIVE_INFINITY,
      order: 0,
      target: null,
      waits: false,
      cancelAsked: false,
      heard: null,
      end: null,
    };
    all.push(task);
    parent?.children.add(task);
    ready.push(task);
  };
  const askToEnd = (task: Actor) => {
    const line = [task];
    for (let next = line.pop(); next !== undefined; next = line.pop()) {
      if (next.end !== null || next.cancelAsked) continue;
      next.cancelAsked = true;
      if (next.waits) wake(next, null);
      line.push(...next.children);
    }
  };
  const end = (task: Actor, how: string) => {
    if (task.begun) trace.push(`${task.id} out`);
    task.end = how;
    task.parent?.children.delete(task);
    for (const joiner of [...task.joiners]) wake(joiner, how);
    for (const child of [...task.children]) askToEnd(child);
  };
  const park = (task: Actor, ms: number | null) => {
    task.waits = true;
    if (ms === null) return;
    task.dueMs = nowMs + ms;
    task.order = order++;
  };
  /** How the step ended: still `going` means that the next operation has its turn at once. */
  const perform = (task: Actor, op: Op): 'going' | 'over' => {
    if (op.do === 'spawn') born(op.ops, op.detached ? null : task);
    else if (op.do === 'cancel') askToEnd(pick(op.which));
    else if (op.do === 'join') return joins(task, pick(op.which), op.withinMs);
    else if (op.do === 'throw') end(task, 'failed');
    else if (op.do === 'sleep' && op.ms > 0) park(task, op.ms);
    else ready.push(task);
    return op.do === 'spawn' || op.do === 'cancel' ? 'going' : 'over';
  };
  const joins = (task: Actor, target: Actor, withinMs: number | null) => {
    task.heard = target.end;
    if (target.end !== null) return 'going';
    let circle: Actor | null = target;
    while (circle !== null && circle !== task) circle = circle.target;
    if (circle === task) {
      end(task, 'failed');
      return 'over';
    }
    task.target = target;
    target.joiners.add(task);
    park(task, withinMs);
    return 'over';
  };
  const step = (task: Actor) => {
    for (let state = 'going'; state === 'going' && task.end === null; ) {
      if (task.cancelAsked) {
        end(task, 'cancelled');
        return;
      }
      task.begun = true;
      if (task.heard !== null) trace.push(`${task.id} heard ${task.heard}`);
      task.heard = null;
      const op = task.ops[task.at];
      if (op !== undefined) trace.push(`${task.id}:${task.at++}`);
      if (op === undefined) end(task, 'completed');
      else state = perform(task, op);
    }
  };
  for (const ops of programs) born(ops, null);
  for (;;) {
    for (let task = ready.shift(); task !== undefined; task = ready.shift()) step(task);
    nowMs = Math.min(...all.map(({ dueMs }) => dueMs));
    if (nowMs === Number.POSITIVE_INFINITY) break;
    const due = all.filter(({ dueMs }) => dueMs <= nowMs).sort((a, b) => a.order - b.order);
    for (const task of due) wake(task, task.target === null ? null : 'timed_out');
  }
  return [...trace, ...all.map(({ id, end: how }) => `${id} ${how ?? 'waits'}`)];
}
