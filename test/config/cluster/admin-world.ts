/** What admin handlers see of a cluster, without one: whoever is asked answers from a script, and how long they were waited for is noted. */
import { expect } from 'vitest';
import { Deadline } from '../../../actors/admin/deadline.ts';
import type { Caller } from '../../../actors/admin/targets.ts';
import type { AdminWorld } from '../../../config/cluster/admin/world.ts';
import { EsperError } from '../../../contracts/index.ts';
import { memoryClock } from '../../../runtime/adapters/memory/clock.ts';
import type { Message } from '../../../runtime/index.ts';
import { isRefusal } from '../../../runtime/index.ts';
import { node as factsOf } from '../../runtime/placement/facts.ts';

export interface Asked {
  readonly path: string;
  readonly message: Message & Record<string, unknown>;
  readonly withinMs: number;
}

/** An answer, a refusal, or an error to throw; a function is asked each time. */
export type Answers = Readonly<Record<string, unknown | ((asked: Asked) => unknown)>>;

/** @param answers by type of the message */
export function adminWorld(answers: Answers, units: () => readonly string[] = () => []) {
  const clock = memoryClock();
  const asked: Asked[] = [];
  const ask = async (path: string, message: Asked['message'], withinMs: number) => {
    const one = { path, message, withinMs };
    asked.push(one);
    const found = answers[message.type];
    const answer = typeof found === 'function' ? await found(one) : found;
    if (isRefusal(answer)) throw new EsperError('ACTOR_REFUSED', 'no', { path, ...answer });
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const ref = (path: string) => ({
    ask: (message: Asked['message'], { withinMs }: { withinMs: number }) => ask(path, message, withinMs),
  });
  const hosted = () => units().map((unit) => ({ unit, phase: 'running' as const, epoch: 1 }));
  const world = {
    name: 'a',
    ports: { clock },
    bus: {},
    link: {},
    placement: { cluster: 'esper', units: [{ unit: 'triad', actors: ['tolaria', 'kasmina', 'tamiyo'] }] },
    placed: { facts: () => ({ ...factsOf('a'), units: hosted() }) },
    system: () => ({ ref }),
  } as unknown as AdminWorld;
  const caller = (waitMs: number): Caller => ({
    who: 'ann@lab',
    role: 'admin',
    request: 'req-1',
    deadline: new Deadline(clock, clock.nowMs(), waitMs),
  });
  return { world, clock, asked, caller };
}

/** The error a command fails with. */
export const failure = (work: Promise<unknown> | undefined): Promise<EsperError> =>
  Promise.resolve(work).then(
    () => expect.unreachable(),
    (thrown: EsperError) => thrown,
  );
