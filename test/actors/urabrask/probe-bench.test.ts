import { beforeAll, describe, expect, it } from 'vitest';
import { judge } from '../../../actors/urabrask/behaviour.ts';
import { limits } from '../../../actors/urabrask/options.ts';
import { createProbeBench } from '../../../actors/urabrask/probe-bench.ts';
import type { ProbeBench } from '../../../actors/urabrask/readings.ts';
import { type BlueprintIR, type Kernel, ROW_KINDS } from '../../../contracts/index.ts';
import {
  checkBlueprint,
  openTensorRuntime,
  standardCatalogue,
  type TensorRuntime,
} from '../../../nn/index.ts';
import { HARMFUL } from './harmful.ts';

let runtime: TensorRuntime;
let bench: ProbeBench;
beforeAll(async () => {
  runtime = await openTensorRuntime('auto');
  bench = createProbeBench({ runtime, engine: 'test', nowMs: () => performance.now() });
});

const kernelOf = (blueprint: BlueprintIR, n = 0): Kernel => ({
  kernelId: `sha256:${String(n).padStart(64, '0')}-fast`,
  blueprint,
  pipeline: 'fast',
  compileMs: 0,
  referenceParameters: 0,
});

describe('the bench', () => {
  const everything = ROW_KINDS.flatMap((rows) => standardCatalogue('tanh', rows));
  const plans = [...new Map(everything.map((blueprint) => [blueprint.id, blueprint])).values()];

  it.each(plans)('lets $id pass', async (blueprint) => {
    const certificate = judge(kernelOf(blueprint), await bench.measure(kernelOf(blueprint)), limits);

    expect(certificate).toMatchObject({ verdict: 'VALIDATED', reasons: [] });
  });

  it.each(HARMFUL)('stops "$id", which the static check lets through', async (blueprint) => {
    expect(checkBlueprint(blueprint)).toEqual([]);
    const certificate = judge(kernelOf(blueprint), await bench.measure(kernelOf(blueprint)), limits);

    expect(certificate).toMatchObject({
      verdict: 'REJECTED',
      reasons: [expect.any(String), ...certificate.reasons.slice(1)],
    });
  });

  it('leaves no tensor behind, whatever it measured', async () => {
    const before = runtime.memory().tensors;
    for (const blueprint of [standardCatalogue('relu')[0], HARMFUL[0]]) {
      if (blueprint) await bench.measure(kernelOf(blueprint));
    }

    expect(runtime.memory().tensors).toBe(before);
  });

  it('takes a kernel that cannot be built for a finding, not for an accident', async () => {
    const before = runtime.memory().tensors;
    const [widen] = standardCatalogue('tanh');
    const broken = { ...(widen as BlueprintIR), output: 'nowhere' };

    expect(await bench.measure(kernelOf(broken))).toMatchObject({ crashed: 'NN_SLOT_MISFIT' });
    expect(runtime.memory().tensors).toBe(before);
  });

  it('rests between probes, so that whoever shares its thread gets on', async () => {
    let rests = 0;
    const rest = async () => void rests++;
    const resting = createProbeBench({ runtime, engine: 'test', nowMs: () => performance.now(), rest });
    await resting.measure(kernelOf(standardCatalogue('relu')[0] as BlueprintIR));

    expect(rests).toBeGreaterThanOrEqual(5);
  });

  it('reads the same figures twice, timings apart', async () => {
    const [, widen] = standardCatalogue('relu');
    const still = async () => {
      const { stepP50Ms, stepP95Ms, latencyRatio, ...readings } = await bench.measure(
        kernelOf(widen as BlueprintIR),
      );
      expect(Math.min(stepP50Ms ?? -1, stepP95Ms ?? -1, latencyRatio ?? -1)).toBeGreaterThan(0);
      return readings;
    };

    expect(await still()).toEqual(await still());
  });
});
