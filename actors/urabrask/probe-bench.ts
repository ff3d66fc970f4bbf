/** The bench itself: every probe, in every kind of slot the kernel claims to fit, on the plainest rows it fits; the worst reading kept. */
import { type Kernel, type Span, toFailure } from '../../contracts/index.ts';
import type { TensorRuntime } from '../../nn/index.ts';
import { limits } from './options.ts';
import { normalExamples } from './probes/examples.ts';
import { probeGradient } from './probes/gradient.ts';
import { probeIdentity, probeOutputs } from './probes/numeric.ts';
import { plainestRows, withBareHost } from './probes/scratch.ts';
import { probeTiming } from './probes/timing.ts';
import { probeTraining } from './probes/training.ts';
import type { ProbeBench, Readings } from './readings.ts';

const UNREAD: Readings = {
  crashed: null,
  finiteNormal: true,
  finiteLarge: true,
  finiteZero: true,
  finiteAdversarial: true,
  finiteTraining: true,
  outputRange: null,
  identity: true,
  gradientNorm: null,
  smallestGradient: null,
  precisionError: null,
  lossChange: null,
  oscillation: null,
  stepP50Ms: null,
  stepP95Ms: null,
  latencyRatio: null,
  bytes: null,
  leakedTensors: null,
};

/**
 * Opens a bench on a tensor runtime. It holds no tensors between measurements.
 * @param nowMs monotonic milliseconds with fractions, for the timing probe
 * @param rest gives whoever shares the thread a turn; asked for between probes, which give none by themselves
 */
export function createProbeBench({
  runtime,
  engine,
  nowMs,
  rest = async () => {},
}: {
  readonly runtime: TensorRuntime;
  readonly engine: string;
  readonly nowMs: () => number;
  readonly rest?: () => Promise<unknown>;
}): ProbeBench {
  return {
    engine,
    async measure(kernel) {
      await checkBench(runtime);
      const before = runtime.memory().tensors;
      try {
        let readings = UNREAD;
        for (const span of kernel.blueprint.spans) {
          readings = worst(readings, await measureIn({ runtime, nowMs, rest }, kernel, span));
        }
        return { ...readings, leakedTensors: runtime.memory().tensors - before };
      } catch (thrown) {
        return { ...UNREAD, crashed: toFailure(thrown).code };
      }
    },
  };
}

interface Tools {
  readonly runtime: TensorRuntime;
  readonly nowMs: () => number;
  readonly rest: () => Promise<unknown>;
}

async function measureIn({ runtime, nowMs, rest }: Tools, kernel: Kernel, span: Span): Promise<Readings> {
  await rest();
  const rows = await plainestRows(runtime, kernel, span);
  const first = { kernel, span, draw: 0, rows };
  const birth = { ...UNREAD, ...(await probeIdentity(runtime, first)) };
  await rest();
  const outputs = { ...birth, ...(await probeOutputs(runtime, first)) };
  // What is too big or not finite already is not worth the minutes that training it might take.
  if ((outputs.bytes ?? 0) > limits.bytes || !outputs.finiteNormal) return outputs;
  await rest();
  const timed = { ...outputs, ...(await probeTiming(runtime, first, nowMs)) };
  if ((timed.latencyRatio ?? 0) > limits.latencyRatio) return timed;
  await rest();
  const trained = await probeTraining(runtime, first);
  await rest();
  return {
    ...timed,
    ...trained.reduce(worstTraining),
    // A block of weights that hears nothing in any of these draws never will.
    smallestGradient: trained.map(({ smallestGradient }) => smallestGradient).reduce(most),
    ...(await probeGradient(runtime, { ...first, draw: 1 })),
  };
}

/** The bare host must work before a kernel can be blamed for anything. @throws when it does not: the bench is broken */
const checkBench = (runtime: TensorRuntime): Promise<void> =>
  withBareHost(runtime, 'vector', async ({ plan }) => {
    const { loss } = await plan.evaluate(normalExamples('vector'));
    if (!Number.isFinite(loss))
      throw new Error('the bare host has no finite loss: the tensor runtime is broken');
  });

function worstTraining<T extends Pick<Readings, 'finiteTraining' | 'lossChange' | 'oscillation'>>(
  a: T,
  b: T,
): T {
  return {
    ...a,
    finiteTraining: a.finiteTraining && b.finiteTraining,
    lossChange: most(a.lossChange, b.lossChange),
    oscillation: most(a.oscillation, b.oscillation),
  };
}

/** The worse of two, field by field. */
function worst(a: Readings, b: Readings): Readings {
  return {
    ...worstTraining(a, b),
    finiteNormal: a.finiteNormal && b.finiteNormal,
    finiteLarge: a.finiteLarge && b.finiteLarge,
    finiteZero: a.finiteZero && b.finiteZero,
    finiteAdversarial: a.finiteAdversarial && b.finiteAdversarial,
    identity: a.identity && b.identity,
    outputRange: most(a.outputRange, b.outputRange),
    gradientNorm: most(a.gradientNorm, b.gradientNorm),
    smallestGradient: least(a.smallestGradient, b.smallestGradient),
    precisionError: most(a.precisionError, b.precisionError),
    stepP50Ms: most(a.stepP50Ms, b.stepP50Ms),
    stepP95Ms: most(a.stepP95Ms, b.stepP95Ms),
    latencyRatio: most(a.latencyRatio, b.latencyRatio),
    bytes: most(a.bytes, b.bytes),
  };
}

const most = (a: number | null, b: number | null) => (a === null ? b : b === null ? a : Math.max(a, b));
const least = (a: number | null, b: number | null) => (a === null ? b : b === null ? a : Math.min(a, b));
