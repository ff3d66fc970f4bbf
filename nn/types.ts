/** The words of the growing network. Shapes are `[rows, width]`, numbers are float32, unless said otherwise. */
import type { Activation, Kernel, SlotId, Span } from '../contracts/index.ts';
import type { NormKind, Window } from './ops.ts';

/** A table of examples. Rows are copied out on demand, so 60,000 images can stay bytes in memory. */
export interface Rows {
  readonly count: number;
  readonly inputs: number;
  /** Width of a target row: classes (one-hot) or regression outputs. */
  readonly outputs: number;
  readonly kind: 'classes' | 'values';
  /** Writes inputs of the rows at `indices` into `out`, row-major, `[indices.length, inputs]`. */
  fillInputs(indices: ArrayLike<number>, out: Float32Array): void;
  /** Writes targets likewise, `[indices.length, outputs]`; classes come out one-hot. */
  fillTargets(indices: ArrayLike<number>, out: Float32Array): void;
}

/** Which earlier layers a layer reads; 0 is the input, and without it the layer before is read. */
interface Wiring {
  readonly from?: readonly number[];
  /**
   * Not trainable: its weights rest, and a batch norm computes in training as it does for whoever asks, with running
   * figures that stay as they are. A dropout drops all the same.
   * @see Keras, whose `trainable = false` means this
   */
  readonly frozen?: boolean;
}

export interface DenseSpec extends Wiring {
  readonly op?: 'dense';
  readonly units: number;
  readonly activation: Activation;
  readonly bias?: boolean;
}

export interface ConvSpec extends Wiring {
  readonly op: 'conv';
  readonly units: number;
  readonly window: Window;
  readonly activation: Activation;
  readonly bias?: boolean;
}

export interface DepthwiseSpec extends Wiring {
  readonly op: 'depthwise';
  readonly window: Window;
  readonly activation: Activation;
  readonly bias?: boolean;
}

/** Somebody else's layer, by the name and configuration that rebuild it; `shapes` of its weights in its own order. */
export interface ForeignSpec extends Wiring {
  readonly op: 'foreign';
  readonly className: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly shapes: ReadonlyArray<readonly number[]>;
  /** By weight: does it learn? */
  readonly learns: readonly boolean[];
}

/** One layer of a host. What each operation does is said once, in `Ops`. */
export type LayerSpec =
  | DenseSpec
  | ConvSpec
  | DepthwiseSpec
  | ForeignSpec
  | (Wiring & { readonly op: 'pool'; readonly kind: 'max' | 'mean'; readonly window: Window })
  | (Wiring & { readonly op: 'squeeze'; readonly kind: 'max' | 'mean' })
  | (Wiring & {
      readonly op: 'norm';
      readonly how: NormKind;
      readonly gamma?: boolean;
      readonly beta?: boolean;
    })
  | (Wiring & { readonly op: 'activate'; readonly activation: Activation })
  | { readonly op: 'add' | 'multiply' | 'concat'; readonly from: readonly number[] }
  | (Wiring & { readonly op: 'reshape'; readonly shape: readonly number[] })
  | (Wiring & { readonly op: 'upsample'; readonly by: number })
  | (Wiring & { readonly op: 'embed'; readonly words: number; readonly units: number })
  | (Wiring & { readonly op: 'dropout'; readonly rate: number });

/** The host at birth: layers, each reading earlier ones, the last one the output. */
export interface HostSpec {
  /** Numbers in a row. */
  readonly inputs: number;
  /** What a row is to the first layer: `[inputs]` unless said; images are `[height, width, channels]`. */
  readonly inputShape?: readonly number[];
  readonly layers: readonly LayerSpec[];
  readonly loss: 'softmax_cross_entropy' | 'mse';
  readonly start: 'he' | 'glorot' | 'wide';
  /** Layers whose output takes residual seeds; hidden dense and convolutional ones unless said. */
  readonly sites?: readonly number[];
  /** Residual slots per site, each over its own share of the features; 1 (the full width) unless said. */
  readonly chunks?: number;
  /** What people who ask get instead of logits: probabilities. The loss reads logits all the same. */
  readonly head?: 'softmax';
  /** Shape in which people who ask get a row of outputs: `[outputs]` unless said. */
  readonly outputShape?: readonly number[];
}

/**
 * A place where seeds can grow: from one tensor of the host to a later one.
 * Tensors are `x`, then for layer l (1-based) `z<l>` before and `h<l>` after its activation.
 */
export interface Slot {
  readonly slotId: SlotId;
  readonly span: Span;
  readonly from: string;
  readonly to: string;
}

/**
 * How a seed takes part.
 * `absent`: not computed at all. `isolated`: trains on its own loss, host detached; live output unchanged.
 * `live`: alpha * seed is added to `to`, gradients are joint. `held`: as live in the output, but its weights rest.
 * `shadow`: not in the live output; only evaluations that ask for it see it.
 */
export type SeedMode = 'absent' | 'isolated' | 'live' | 'held' | 'shadow';

export interface SeedView {
  readonly seedId: string;
  readonly slotId: SlotId;
  readonly blueprintId: string;
  readonly mode: SeedMode;
  readonly alpha: number;
  readonly parameters: number;
  readonly fossil: boolean;
}

export interface PlantOrder {
  readonly seedId: string;
  readonly slotId: SlotId;
  readonly kernel: Kernel;
  /** Which draw of the pool: with run seed, seed id and kernel it fixes the initial weights exactly as they were scored. */
  readonly draw: number;
}

/** A learning rate per parameter group: `host`, or a seed id. Only UnifiedLRController makes one. */
export type Rates = Readonly<Record<string, number>>;

export interface StepReport {
  /** Mean loss of the batch on the live output. Not finite means that nothing was written. */
  readonly loss: number;
  readonly finite: boolean;
  /** Global norm before clipping over all live parameters. */
  readonly gradientNorm: number;
  readonly hostGradientNorm: number;
  /** Per seed that took part: norm of its gradient, its isolated loss (null when joint), and whether these were finite. */
  readonly seeds: Readonly<Record<string, { gradientNorm: number; loss: number | null; finite: boolean }>>;
}

export interface Evaluation {
  readonly loss: number;
  /** 0..1 for classes; for `mse` with -1/1 targets the share of right signs; null otherwise. */
  readonly accuracy: number | null;
  /** Share of outputs within 0.8 of their targets; null unless targets are all -1 or 1. */
  readonly margin: number | null;
  readonly rows: number;
}

export interface CandidateDraw {
  readonly slotId: SlotId;
  readonly kernel: Kernel;
  readonly draw: number;
  readonly seedId: string;
}

export interface CandidateScore {
  readonly score: number;
  readonly parameters: number;
}

export interface FossilReport {
  /** True when the seed's units joined the host layer itself; false when it stays a branch. */
  readonly merged: boolean;
  readonly frozen: boolean;
  readonly parameters: number;
}

/** By reference and copy-on-write: O(1) in the number of weights. Release it, or the old weights stay in memory. */
export interface NetworkSnapshot {
  readonly kind: 'network-snapshot';
}

/** A network as bytes: structure as JSON, tensors as named float32 arrays, moments and step counters among them. */
export interface NetworkImage {
  readonly structure: unknown;
  readonly tensors: ReadonlyArray<{
    readonly name: string;
    readonly shape: readonly number[];
    readonly data: Float32Array;
  }>;
}

/** The host with its slots and whatever grows in them. Mutated only between steps. */
export interface GrowingNetwork {
  readonly spec: HostSpec;
  slots(): readonly Slot[];
  seeds(): readonly SeedView[];
  /** Current units of every layer, output last. */
  widths(): readonly number[];
  parameterCount(): { readonly host: number; readonly seeds: number; readonly total: number };
  /** Could this kernel grow there? The reason when not. */
  fits(slotId: SlotId, kernel: Kernel): string | null;
  /** Builds a seed's weights: incoming random, outgoing exactly zero. The output stays bit-identical. @throws NN_SLOT_MISFIT */
  plant(order: PlantOrder): void;
  setMode(seedId: string, mode: SeedMode): void;
  setAlpha(seedId: string, alpha: number): void;
  /** Makes a live seed at alpha 1 permanent; a widening seed joins its layer, weights and moments included. */
  fossilize(seedId: string): FossilReport;
  /** Takes a seed out and frees its tensors. */
  uproot(seedId: string): void;
  /** Harms a seed on purpose, for fault plans: its weights become NaN, or its gradients explode until it is restored or uprooted. */
  corrupt(seedId: string, how: 'nan' | 'explode'): void;
  capture(): NetworkSnapshot;
  /** Goes back to a snapshot: weights, moments, counters, structure, seed modes. The snapshot stays valid. */
  restore(snapshot: NetworkSnapshot): void;
  release(snapshot: NetworkSnapshot): void;
  /** Copies of everything, off the step loop. @param snapshot what to read; the present state when absent */
  image(snapshot?: NetworkSnapshot): Promise<NetworkImage>;
  dispose(): void;
}

/** Rows of a table that a plan keeps, by their numbers. */
export interface Picked {
  readonly table: Rows;
  readonly indices: Uint32Array;
}

/** Runs training steps on a network. Compiled again, by itself, when the network's structure changed. */
export interface TrainPlan {
  readonly name: string;
  /** One optimiser step. A loss or gradient that is not finite writes nothing and says who was guilty. */
  step(
    inputs: Float32Array | Uint8Array | Picked,
    targets: Float32Array,
    rows: number,
    rates: Rates,
  ): Promise<StepReport>;
  /** Is it cheaper to give the next step its inputs as bytes? They stand for 0..1, and the numbers are the same. */
  prefersBytes(): boolean;
  /** Does it keep this table, so that steps had better name their rows? The numbers are the same. The first to ask has it taken in. */
  keeps(table: Rows): boolean;
  /** @param view seeds to leave out (ablation) or to add at alpha 1 (shadow) */
  evaluate(
    rows: Rows,
    view?: { without?: readonly string[]; withShadow?: readonly string[] },
  ): Promise<Evaluation>;
  /** Residual-gradient scores of seeds not planted yet: one pass over `rows`, no weights change. */
  score(candidates: readonly CandidateDraw[], rows: Rows): Promise<readonly CandidateScore[]>;
  /** Multiply-adds spent so far in steps, evaluations and scoring. */
  multiplyAdds(): number;
  dispose(): void;
}

export interface BatchStream {
  /** Row indices of the batch at a step; the order of an epoch depends on seed and epoch alone, so any step can be resumed. */
  at(step: number): Uint32Array;
  readonly stepsPerEpoch: number;
}
