/** In which order, how fast with many, and what is told about it. */
import { describe, expect } from 'vitest';
import { EsperError } from '../../contracts/failure.ts';
import { type ChildSpec, startSystem, supervisor, worker } from '../../runtime/index.ts';
import { startWorld, type World, worldPorts } from '../runtime/support/world.ts';
import { no, yes } from './support/answer.ts';
import { child, script } from './support/child.ts';
import { conforms } from './support/conforms.ts';
import { cpuMs } from './support/cpu.ts';
import { startPool } from './support/pool.ts';
import { ends, lives } from './support/story.ts';

const REPORT = ['child', 'code', 'context', 'reason', 'report', 'supervisor'];
const reports = ({ log }: World) =>
  log.lines.map(({ fields }) => fields).filter(({ report }) => report !== undefined);

/** Falls with `message` when told to end. */
const falling = (message: string) => {
  const base = child('a');
  return {
    ...base,
    decide: {
      ...base.decide,
      end: () => {
        throw new EsperError('A_FELL', message, { deep: nested(50), long: 'x'.repeat(100_000) });
      },
    },
  };
};
const nested = (depth: number): object => (depth === 0 ? {} : { below: nested(depth - 1) });

describe('order, scale, reports', () => {
  conforms('order_of_children', async () => {
    const diary: string[] = [];
    const names = ['a', 'b', 'c', 'd', 'e'];
    const world = await startWorld(
      names.map((name) => worker(child(name, diary))),
      { strategy: 'rest_for_one' },
    );
    expect(diary).toEqual(names.map((name) => `${name} starts`));

    diary.length = 0;
    await ends(world, 'c', 'crash');
    expect(diary).toEqual([
      ...['e ends (shutdown)', 'd ends (shutdown)', 'c ends (crashed)'],
      ...['c starts', 'd starts', 'e starts'],
    ]);
    diary.length = 0;
    await world.system.stop();
    expect(diary).toEqual(names.toReversed().map((name) => `${name} ends (shutdown)`));
  });

  conforms('scale_start_stop_many_children', async () => {
    const light = { ...child('a'), light: true };
    const flags = { strategy: 'one_for_one', intensity: 1, periodMs: 1_000 } as const;
    const cost = async (many: number): Promise<number> => {
      const children: ChildSpec[] = Array.from({ length: many }, (_, i) => worker(light, { id: `a${i}` }));
      const began = cpuMs();
      const system = await startSystem(supervisor('top', flags, children), worldPorts().ports);
      await system.stop();
      return cpuMs() - began;
    };
    await cost(1_000); // the first time pays for the compiler
    const few = await cost(1_000);

    expect(await cost(10_000)).toBeLessThan(10 * 10 * few);
  });

  conforms('format_log_1', async () => {
    const world = await startWorld([
      worker(falling('too deep')),
      worker(child('b', [], script('well', 'badly', 'well'))),
    ]);
    await ends(world, 'a', 'normal');
    await ends(world, 'b', 'crash');
    const all = reports(world);

    expect(all.length).toBeGreaterThan(4);
    for (const { error, ...fields } of all) {
      expect(Object.keys(fields).toSorted()).toEqual(REPORT);
      expect(fields.supervisor).toBe('top');
      for (const value of Object.values(fields)) expect(['string', 'object']).toContain(typeof value);
      expect(fields.report === 'crash').toBe(error instanceof Error);
    }
    expect(all).toContainEqual(expect.objectContaining({ report: 'progress', context: 'start', child: 'b' }));
    expect(all).toContainEqual(
      expect.objectContaining({ report: 'crash', child: 'a', code: 'A_FELL', reason: 'too deep' }),
    );
    expect(all).toContainEqual(
      expect.objectContaining({
        report: 'crash',
        context: 'start_error',
        child: 'b',
        reason: 'b cannot start',
      }),
    );
    const depth = (value: unknown): number =>
      typeof value === 'object' && value !== null && !(value instanceof Error)
        ? 1 + Math.max(0, ...Object.values(value).map(depth))
        : 0;
    expect(Math.max(...all.map(depth))).toBe(1);
  });

  conforms('format_log_2', async () => {
    const world = await startWorld([worker(falling(`${'long\n'.repeat(20_000)}`))], { intensity: 0 });
    await ends(world, 'a', 'normal');
    await world.system.done;
    const all = reports(world);

    expect(all.map(({ report }) => report)).toContain('crash');
    expect(all.map(({ report }) => report)).toContain('shutdown');
    for (const { error: _, ...fields } of all) {
      const line = JSON.stringify(fields);
      expect(line.length).toBeLessThanOrEqual(1_024);
      expect(line).not.toContain('\\n');
    }
  });

  conforms('already_started_outside_supervisor', async () => {
    const flags = { strategy: 'one_for_one', intensity: 1, periodMs: 1_000 } as const;
    const world = await startWorld([
      worker(child('stranger'), { register: 'the-one' }),
      supervisor('inner', flags, [worker(child('a'))]),
    ]);
    const handle = world.system.supervisor('top/inner');
    const answer = await handle.start(worker(child('b'), { register: 'the-one' }));

    expect(answer).toMatchObject({ refused: 'REGISTRY_NAME_TAKEN', details: { path: 'top/stranger' } });
    expect(lives(world)).toBe('stranger1 inner1');
    expect(lives(world, 'inner')).toBe('a1');
    expect(no(handle.child('b'))).toBe('SUPERVISOR_CHILD_NOT_FOUND');
    expect(world.system.whereis('the-one')?.path).toBe('top/stranger');
    await world.system.supervisor('top').terminate('stranger');
    yes(await handle.start(worker(child('b'), { register: 'the-one' })));
    expect(world.system.whereis('the-one')?.path).toBe('top/inner/b');
  });

  conforms('which_children', async () => {
    const world = await startWorld([]);
    const handle = world.system.supervisor('top');
    const agree = (...expected: readonly string[]) => {
      const all = yes(handle.children());
      expect(all.map(({ id, state }) => `${id} ${state}`)).toEqual(expected);
      for (const one of all) {
        expect(yes(handle.child(one.id))).toEqual(one);
        expect(one.ref?.path ?? null).toBe(one.state === 'running' ? `top/${one.id}` : null);
      }
    };
    agree();
    yes(await handle.start(worker(child('a'))));
    yes(await handle.start(worker(child('b'))));
    agree('a running', 'b running');
    await handle.terminate('a');
    agree('a undefined', 'b running');
    handle.delete('a');
    agree('b running');
    expect(no(handle.child('a'))).toBe('SUPERVISOR_CHILD_NOT_FOUND');
    yes(await handle.start(worker(child('a'))));
    agree('b running', 'a running');
  });

  conforms('which_children_simple_one_for_one', async () => {
    const { handle } = await startPool(child('a'));
    const agree = (...expected: readonly string[]) => {
      const all = yes(handle.children());
      expect(all.map(({ id }) => id)).toEqual(expected);
      for (const { id, ref, path } of all) {
        expect(ref?.path).toBe(path);
        expect(yes(handle.spec(id)).id).toBe(id);
        expect(yes(handle.spec(ref as never)).id).toBe(id);
      }
    };
    agree();
    for (const id of ['x', 'y', 'z']) yes(await handle.start(undefined, { id }));
    agree('x', 'y', 'z');
    await handle.terminate('y');
    agree('x', 'z');
    for (const stranger of [42, {}, null, undefined]) {
      expect(no(handle.spec(stranger as never))).toBe('SUPERVISOR_CHILD_NOT_FOUND');
      expect(no(await handle.terminate(stranger as never))).toBe('SUPERVISOR_CHILD_NOT_FOUND');
    }
  });
});
