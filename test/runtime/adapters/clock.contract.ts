/** What every clock promises. `pass` lets that many milliseconds go by. */
import { expect, it } from 'vitest';
import type { Clock } from '../../../runtime/ports/clock.ts';

export function clockContract(fresh: () => { clock: Clock; pass: (ms: number) => Promise<void> }): void {
  it('fires once, not early, and not when cancelled', async () => {
    const { clock, pass } = fresh();
    const fired: string[] = [];
    const start = clock.nowMs();
    clock.after(20, () => fired.push(clock.nowMs() - start >= 19 ? 'due' : 'early'));
    const cancel = clock.after(10, () => fired.push('cancelled'));
    cancel();
    cancel();
    await pass(60);

    expect(fired).toEqual(['due']);
  });

  it('fires what is due in the order of the moments, then of the asking', async () => {
    const { clock, pass } = fresh();
    const fired: number[] = [];
    clock.after(30, () => fired.push(3));
    clock.after(5, () => fired.push(1));
    clock.after(5, () => fired.push(2));
    await pass(80);

    expect(fired).toEqual([1, 2, 3]);
  });

  it('never runs `soon` inside the call that asked for it, and keeps the order', async () => {
    const { clock, pass } = fresh();
    const ran: string[] = [];
    clock.soon(() => ran.push('first'));
    clock.soon(() => ran.push('second'));
    ran.push('caller');
    // what is due soon and a millisecond are in no order on a real machine
    for (let turns = 0; turns < 100 && ran.length < 3; turns++) await pass(1);

    expect(ran).toEqual(['caller', 'first', 'second']);
  });

  it('measures time that only grows', async () => {
    const { clock, pass } = fresh();
    const before = clock.nowMs();
    const wallBefore = clock.wallMs();
    await pass(15);

    expect(clock.nowMs()).toBeGreaterThanOrEqual(before + 14);
    expect(clock.wallMs()).toBeGreaterThanOrEqual(wallBefore + 14);
  });
}
