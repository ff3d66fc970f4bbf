/** Do the numbers hold? Outputs for calm and for wild inputs, and silence at birth. */
import type { TensorRuntime } from '../../../nn/index.ts';
import type { Readings } from '../readings.ts';
import { examplesOf, normalExamples } from './examples.ts';
import { awakeImage, type Planting, SEED, withBareHost, withPlanted, withRevived } from './scratch.ts';

const TEMPERS = ['normal', 'large', 'zero', 'adversarial'] as const;

/** Losses with the newborn seed against those without it: bit for bit, or not the same. */
export async function probeIdentity(
  runtime: TensorRuntime,
  planting: Planting,
): Promise<Pick<Readings, 'identity' | 'bytes'>> {
  const rows = normalExamples(planting.rows);
  const held = () => runtime.memory().bytes;
  const empty = held();
  const alone = await withBareHost(runtime, planting.rows, async ({ plan }) => ({
    bytes: held() - empty,
    loss: (await plan.evaluate(rows)).loss,
  }));
  return withPlanted(runtime, planting, async ({ network, plan }) => {
    const bytes = held() - empty - alone.bytes;
    const losses: number[] = [];
    for (const alpha of [0, 1]) {
      network.setMode(SEED, 'live');
      network.setAlpha(SEED, alpha);
      losses.push((await plan.evaluate(rows)).loss);
    }
    return { identity: losses.every((loss) => Object.is(loss, alone.loss)), bytes };
  });
}

/** Outputs of an awake seed at alpha 1, over inputs of every temper. */
export async function probeOutputs(runtime: TensorRuntime, planting: Planting) {
  const sizes = await withRevived(runtime, await awakeImage(runtime, planting), async ({ plan }) => {
    const found: (number | null)[] = [];
    for (const temper of TEMPERS) {
      const { loss } = await plan.evaluate(examplesOf(planting.rows, temper));
      found.push(Number.isFinite(loss) ? Math.sqrt(loss) : null);
    }
    return found;
  });
  const [finiteNormal = false, finiteLarge = false, finiteZero = false, finiteAdversarial = false] =
    sizes.map((size) => size !== null);
  const finiteSizes = sizes.filter((size) => size !== null);
  const outputRange = finiteSizes.length > 0 ? Math.max(...finiteSizes) : null;
  return { finiteNormal, finiteLarge, finiteZero, finiteAdversarial, outputRange };
}
