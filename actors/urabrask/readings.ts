/** What the bench reads off a kernel: figures, not opinions. */
import type { Kernel } from '../../contracts/index.ts';

/** Numbers are null when they were not finite, or when an earlier probe had seen enough. */
export interface Readings {
  /** Stable code of what the kernel threw when it was built or run; null when it did not. */
  readonly crashed: string | null;
  /** Were the outputs finite? `normal` inputs have deviation 1, `large` ones 1,000. */
  readonly finiteNormal: boolean;
  readonly finiteLarge: boolean;
  readonly finiteZero: boolean;
  readonly finiteAdversarial: boolean;
  /** Did every training step give a finite loss and gradient? */
  readonly finiteTraining: boolean;
  /** Root mean square of the outputs, the largest of all inputs tried. */
  readonly outputRange: number | null;
  /** Is the network's loss bit for bit the same with the newborn seed, at alpha 0 and at alpha 1? */
  readonly identity: boolean;
  /** Largest gradient norm with outgoing weights that are not zero. */
  readonly gradientNorm: number | null;
  /** After some training: gradient norm of the block of weights that hears least. */
  readonly smallestGradient: number | null;
  /** Gradient against finite differences of the loss, relative: the worst of the weights tried. */
  readonly precisionError: number | null;
  /** Loss after training to that before, minus one: negative is better. */
  readonly lossChange: number | null;
  /** Deviation of the last losses, relative to their mean. */
  readonly oscillation: number | null;
  /** A training step with the seed, in ms, and the median against that of the bare host. */
  readonly stepP50Ms: number | null;
  readonly stepP95Ms: number | null;
  readonly latencyRatio: number | null;
  /** Tensor bytes the seed holds, and tensors left behind when its network was disposed. */
  readonly bytes: number | null;
  readonly leakedTensors: number | null;
}

/** A place to try a kernel where it can do no harm. */
export interface ProbeBench {
  /** Versions that decide what a reading is worth. */
  readonly engine: string;
  /**
   * Builds a scratch network, plants the kernel, runs all probes, and cleans up.
   * A kernel that throws is a reading; a bench that throws is broken.
   */
  measure(kernel: Kernel): Promise<Readings>;
}
