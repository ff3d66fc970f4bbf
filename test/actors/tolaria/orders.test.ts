/** Commands that wait for their place in a run, and keep it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Orders } from '../../../actors/tolaria/orders.ts';
import type { Moment } from '../../../actors/triad.ts';
import { type RunCommand, RunCommanded } from '../../../contracts/index.ts';

const by = { who: 'ann', role: 'trainer', request: 'r1', reason: '' };
const at = (boundary: number, regular = true): Moment => {
  return { boundary, tick: boundary, regular, epoch: boundary, step: 3 * boundary };
};
const plant: RunCommand = { do: 'germinate', slotId: 'h1/layer', blueprintId: null };
const cull: RunCommand = { do: 'cull', seedId: 's1' };
const back: RunCommand = { do: 'rollback', blame: [] };
const recorded = (number: number, boundary: number, command: RunCommand, step = 3 * boundary) =>
  RunCommanded.of({ number, boundary, epoch: boundary, step, command, by, refused: null, text: 'done' });
const numbers = (orders: readonly { readonly number: number }[]) => orders.map(({ number }) => number);

describe('a command by hand', () => {
  it('acts at the next regular boundary, and there again whenever it is run again', () => {
    const orders = new Orders();
    orders.give(cull, by);

    expect(orders.at(at(4, false))).toEqual([]);
    expect(numbers(orders.at(at(5)))).toEqual([1]);
    expect(numbers(orders.at(at(5)))).toEqual([1]);
    orders.passed(5, [{ number: 1 }]);
    expect(orders.at(at(6))).toEqual([]);
  });

  it('plants one seed a boundary; the others wait, and what does not plant does not', () => {
    const orders = new Orders();
    for (const command of [plant, plant, cull]) orders.give(command, by);

    expect(numbers(orders.at(at(1)))).toEqual([1, 3]);
    expect(numbers(orders.at(at(1)))).toEqual([1, 3]);
    expect(numbers(orders.at(at(2)))).toEqual([2]);
  });

  it('that came to nothing at its boundary, because adaptation paused there, waits for another', () => {
    const orders = new Orders();
    orders.give(cull, by);
    orders.at(at(1));
    orders.passed(1, []);

    expect(numbers(orders.at(at(2)))).toEqual([1]);
  });

  it('given while boundaries of this life are run again acts behind the last of them', () => {
    const orders = new Orders();
    for (const boundary of [1, 2, 3]) orders.passed(boundary, orders.at(at(boundary)));
    orders.give(cull, by);

    expect([2, 3, 4].map((boundary) => numbers(orders.at(at(boundary))))).toEqual([[], [], [1]]);
  });

  it('of an earlier life acts where it acted, and a new one only where nobody has been', () => {
    const orders = new Orders([recorded(2, 4, plant), recorded(1, 4, cull)], 6);
    orders.give(cull, by);

    expect([3, 4, 5, 6, 7].map((boundary) => numbers(orders.at(at(boundary))))).toEqual([
      [],
      [1, 2],
      [],
      [],
      [3],
    ]);
  });

  it('is refused when the run ends before its turn, and from then on', async () => {
    const orders = new Orders();
    const { outcome } = orders.give(plant, by);
    orders.close();

    await expect(outcome).resolves.toMatchObject({ refused: { code: 'TOLARIA_RUN_OVER' } });
    expect(() => orders.give(plant, by)).toThrow(expect.objectContaining({ code: 'TOLARIA_RUN_OVER' }));
  });

  it('waits among so many and no more', () => {
    const orders = new Orders();
    for (let given = 0; given < 64; given += 1) orders.give(cull, by);

    expect(() => orders.give(cull, by)).toThrow(expect.objectContaining({ code: 'TOLARIA_ORDERS_FULL' }));
  });
});

describe('a rollback by hand', () => {
  it('strikes once, at the step where it was found due', () => {
    const orders = new Orders();
    orders.give(back, by);

    expect(orders.rollbackAt(2, 7, [])?.number).toBe(1);
    expect(orders.rollbackAt(2, 7, [1])).toBeNull();
    expect(orders.rollbackAt(2, 8, [])).toBeNull();
    expect(orders.at(at(3))).toEqual([]);
  });

  it('strikes again in the order of before, whatever step comes first, when training is repeated', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }), (steps) => {
        const orders = new Orders(
          steps.map((step, index) => recorded(index + 1, 0, back, step)),
          0,
        );
        const struck: number[] = [];
        for (let step = 0; step <= 9; step += 1) {
          const due = orders.rollbackAt(0, step, struck);
          if (due === null) continue;
          struck.push(due.number);
          step = -1; // back to the boundary
        }
        expect(struck).toEqual(steps.map((_, index) => index + 1));
      }),
    );
  });

  it('that lies behind where training goes on holds up no other', () => {
    const orders = new Orders([recorded(1, 2, back, 7)], 5);
    orders.give(back, by);

    expect(orders.rollbackAt(5, 16, [])?.number).toBe(2);
  });
});
