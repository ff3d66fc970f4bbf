/** Runs steps, evaluations and scores on tensorflow.js: any graph, and the reference for every faster plan. */
import { EsperError } from '../contracts/failure.ts';
import type { OptimizerConfig } from '../contracts/run-config.ts';
import { floatsOf } from './data/row-bytes.ts';
import { evaluateOnDevice } from './device/evaluation.ts';
import { DeviceStepper } from './device/step.ts';
import { evaluateRows } from './evaluation.ts';
import { HostNetwork } from './network.ts';
import type { TensorRuntime } from './runtime.ts';
import { scoped } from './scoped.ts';
import { scoreCandidates } from './score.ts';
import { trainStep } from './training-step.ts';
import type { GrowingNetwork, TrainPlan } from './types.ts';

/**
 * A plan holds no weights of its own and reads the network's structure anew each step, so it never goes stale.
 * @throws NN_NETWORK_FOREIGN when the network was not made by `createNetwork` or `loadNetwork` on this runtime
 */
export function createTfjsPlan({
  runtime,
  network,
  optimizer,
}: {
  readonly runtime: TensorRuntime;
  readonly network: GrowingNetwork;
  readonly optimizer: OptimizerConfig;
}): TrainPlan {
  if (!(network instanceof HostNetwork) || network.runtime !== runtime) {
    throw new EsperError('NN_NETWORK_FOREIGN', 'this network lives in another runtime');
  }
  let spent = 0;
  const spend = (multiplyAdds: number) => {
    spent += multiplyAdds;
  };
  const { gpu, syncRead } = runtime.capabilities;
  // A GPU that is asked for numbers within a step waits for them; weights that stay there need no asking.
  const device = gpu || !syncRead ? new DeviceStepper(network, optimizer) : null;
  return {
    name: device === null ? `tfjs-${runtime.name}` : `device-${runtime.name}`,
    prefersBytes: () => false,
    keeps: () => false,
    async step(given, targets, rows, rates) {
      const inputs = floatsOf(given);
      const outputs = network.widths().at(-1) ?? 0;
      if (inputs.length !== rows * network.spec.inputs || targets.length !== rows * outputs || rows < 1) {
        throw new EsperError('NN_BATCH_MISSHAPEN', `${rows} rows do not fill this batch`, {
          rows,
          inputs: inputs.length,
          targets: targets.length,
        });
      }
      if (device !== null) {
        const report = await device.step({ inputs, targets, rows }, rates, spend);
        network.touch();
        return report;
      }
      const report = scoped(() => trainStep(network, optimizer, { inputs, targets, rows }, rates, spend));
      network.touch();
      return report;
    },
    evaluate: async (rows, view = {}) =>
      (device === null ? evaluateRows : evaluateOnDevice)(network, rows, view, spend),
    score: async (candidates, rows) => scoreCandidates(network, candidates, rows, spend),
    multiplyAdds: () => spent,
    dispose: () => device?.dispose(),
  };
}
