/** The memory clock keeps the promises of a clock, and time moves only when told to. */
import { describe, expect, it } from 'vitest';
import { memoryClock } from '../../../runtime/adapters/memory/clock.ts';
import { clockContract } from './clock.contract.ts';

describe('memory clock', () => {
  clockContract(() => {
    const clock = memoryClock();
    return { clock, pass: (ms) => clock.advance(ms) };
  });

  it('gives each timer its own moment, and lets what it started run before the next', async () => {
    const clock = memoryClock();
    const seen: string[] = [];
    clock.after(10, () => {
      void Promise.resolve().then(() => seen.push(`promise at ${clock.nowMs()}`));
      clock.soon(() => seen.push(`soon at ${clock.nowMs()}`));
      clock.after(5, () => seen.push(`nested at ${clock.nowMs()}`));
    });
    clock.after(20, () => seen.push(`later at ${clock.nowMs()}`));
    await clock.advance(30);

    expect(seen).toEqual(['promise at 10', 'soon at 10', 'nested at 15', 'later at 20']);
    expect(clock.nowMs()).toBe(30);
    expect(clock.armed).toBe(0);
  });

  it('settles without moving time', async () => {
    const clock = memoryClock();
    let fired = false;
    clock.after(0, () => {
      fired = true;
    });
    await clock.settle();

    expect(fired).toBe(false);
    expect(clock.nowMs()).toBe(0);
  });

  it('jumps the wall without moving the time that decides', async () => {
    const clock = memoryClock({ wallMs: 1_000_000 });
    clock.jumpWall(-500_000);

    expect(clock.wallMs()).toBe(500_000);
    expect(clock.nowMs()).toBe(0);
  });
});
