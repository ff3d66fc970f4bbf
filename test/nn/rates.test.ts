/** One place sets learning rates, and notices when another hand does. */
import { describe, expect, it } from 'vitest';
import { UnifiedLRController } from '../../nn/index.ts';

const warm = { policy: 'constant', minimum: 0, warmupSteps: 10, warmupFactor: 0.1 } as const;

describe('the rate controller', () => {
  it('lets a new group warm up to the rate of the host', () => {
    const controller = new UnifiedLRController(warm, 0.5, 100);
    controller.admit('s1', 20);
    const at = (step: number) => controller.step(step).s1;

    expect([at(20), at(25), at(30), at(99)].map((rate) => Number(rate!.toFixed(4)))).toEqual([
      0.05, 0.275, 0.5, 0.5,
    ]);
    expect(controller.step(20).host).toBe(0.5);
  });

  it('falls from the full rate to the minimum along a cosine', () => {
    const controller = new UnifiedLRController({ ...warm, policy: 'cosine', minimum: 0.1 }, 0.5, 100);

    expect([0, 50, 100, 200].map((step) => controller.step(step).host)).toEqual([
      0.5,
      expect.closeTo(0.3, 9),
      0.1,
      0.1,
    ]);
  });

  it('counts a rate changed by another hand, undoes it and goes on', () => {
    const controller = new UnifiedLRController(warm, 0.5, 100);
    const rates = controller.step(0) as Record<string, number>;
    rates.host = 50;

    expect(controller.step(1).host).toBe(0.5);
    expect(controller.violations()).toBe(1);
  });

  it('resumes where it was saved, warm-ups included', () => {
    const controller = new UnifiedLRController(warm, 0.5, 100);
    controller.admit('s1', 3);
    controller.admit('s2', 4);
    controller.dismiss('s2');
    controller.step(5);
    const twin = new UnifiedLRController(warm, 0.5, 100);
    twin.load(JSON.parse(JSON.stringify(controller.save())) as ReturnType<typeof controller.save>);

    expect(twin.step(6)).toEqual(controller.step(6));
    expect(Object.keys(twin.step(7))).toEqual(['host', 's1']);
  });
});
