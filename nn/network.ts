/** The host with its slots and whatever grows in them. */

import { EsperError } from '../contracts/failure.ts';
import type { BlueprintIR, Kernel, SlotId, Span } from '../contracts/index.ts';
import { type RandomStream, randomStream } from '../contracts/random-stream.ts';
import type { OptimizerConfig } from '../contracts/run-config.ts';
import { checkBlueprint } from './blueprint-check.ts';
import { corruptSeed } from './corrupt.ts';
import { mergeUnits, newUnitsOf, settleBranch } from './fossil.ts';
import {
  bodySize,
  cloneState,
  disposeBody,
  disposeState,
  type HostState,
  type Seed,
  widthOf,
} from './host-state.ts';
import { writeImage } from './image-write.ts';
import { momentCountOf } from './optimizer.ts';
import { sizeOf } from './parameter.ts';
import type { TensorRuntime } from './runtime.ts';
import { type Axis, growBody } from './seed-body.ts';
import { type Place, placesOf } from './slots.ts';
import type {
  FossilReport,
  GrowingNetwork,
  HostSpec,
  NetworkImage,
  NetworkSnapshot,
  PlantOrder,
  SeedMode,
  SeedView,
  Slot,
} from './types.ts';

export interface NetworkMake {
  readonly runtime: TensorRuntime;
  readonly spec: HostSpec;
  readonly spans: readonly Span[];
  readonly optimizer: OptimizerConfig;
  readonly runSeed: number;
  readonly state: HostState;
}

/** What training needs beyond the public surface: the live state and where it lives. */
export class HostNetwork implements GrowingNetwork {
  readonly spec: HostSpec;
  readonly spans: readonly Span[];
  readonly runtime: TensorRuntime;
  readonly #runSeed: number;
  readonly #momentCount: number;
  readonly #places: ReadonlyMap<SlotId, Place>;
  readonly #snapshots = new Map<NetworkSnapshot, HostState>();
  #state: HostState;

  constructor({ runtime, spec, spans, optimizer, runSeed, state }: NetworkMake) {
    this.spec = spec;
    this.spans = spans;
    this.runtime = runtime;
    this.#runSeed = runSeed;
    this.#momentCount = momentCountOf(optimizer);
    this.#places = placesOf(spec, spans);
    this.#state = state;
  }

  get state(): HostState {
    return this.#state;
  }

  slots(): readonly Slot[] {
    return [...this.#places.values()].map(({ slotId, span, from, to }) => ({ slotId, span, from, to }));
  }

  seeds(): readonly SeedView[] {
    return [...this.#state.seeds.values()].map(({ seedId, place, kernel, mode, alpha, body, fossil }) => ({
      seedId,
      slotId: place.slotId,
      blueprintId: kernel.blueprint.id,
      mode,
      alpha,
      parameters: bodySize(body),
      fossil,
    }));
  }

  widths(): readonly number[] {
    return this.#state.layers.map(({ bias }) => sizeOf(bias));
  }

  parameterCount() {
    const host = this.#state.layers.reduce((n, { weights, bias }) => n + sizeOf(weights) + sizeOf(bias), 0);
    const seeds = [...this.#state.seeds.values()].reduce((n, { body }) => n + bodySize(body), 0);
    return { host, seeds, total: host + seeds };
  }

  fits(slotId: SlotId, { blueprint }: Kernel): string | null {
    const place = this.#places.get(slotId);
    if (place === undefined) return `no slot ${slotId} here`;
    if (!blueprint.spans.includes(place.span)) return `${blueprint.id} does not span ${place.span}`;
    const { from, to } = this.#axes(place, '');
    const budget = { inWidth: from.size, outWidth: to.size, maxNodes: 1000, maxParameters: 16_000_000 };
    // In this one slot only its own span counts.
    const here: BlueprintIR = { ...blueprint, spans: [place.span] };
    const complaints = checkBlueprint(here, budget);
    return complaints.length === 0 ? null : complaints.join('; ');
  }

  plant(order: PlantOrder): void {
    if (this.#state.seeds.has(order.seedId)) {
      throw new EsperError('NN_SEED_EXISTS', `${order.seedId} grows already`, { seedId: order.seedId });
    }
    this.#state.seeds.set(order.seedId, this.grow(order, this.#momentCount));
  }

  /**
   * Builds a seed that is not planted: the same weights that `plant` would give it. The caller disposes its body.
   * @throws NN_SLOT_MISFIT
   */
  grow({ seedId, slotId, kernel, draw }: PlantOrder, momentCount: number): Seed {
    const misfit = this.fits(slotId, kernel);
    if (misfit !== null) {
      throw new EsperError('NN_SLOT_MISFIT', `${kernel.blueprint.id} cannot grow in ${slotId}: ${misfit}`, {
        seedId,
        slotId,
        misfit,
      });
    }
    const place = this.#places.get(slotId)!;
    const random = seedStream(this.#runSeed, seedId, kernel.kernelId, draw);
    const ends = { ...this.#axes(place, seedId), seedId, momentCount, random };
    return {
      seedId,
      kernel,
      draw,
      place,
      body: growBody(this.runtime, kernel.blueprint, ends),
      sources: place.span === 'cascade' ? this.#state.cascade.length : 0,
      mode: 'absent',
      alpha: 0,
      fossil: false,
      gradientGain: 1,
    };
  }

  setMode(seedId: string, mode: SeedMode): void {
    this.#growing(seedId).mode = mode;
  }

  setAlpha(seedId: string, alpha: number): void {
    if (!(alpha >= 0 && alpha <= 1)) {
      throw new EsperError('NN_ALPHA_OUT_OF_RANGE', `alpha of ${seedId} must lie in 0..1`, { seedId, alpha });
    }
    this.#growing(seedId).alpha = alpha;
  }

  fossilize(seedId: string): FossilReport {
    const seed = this.#growing(seedId);
    if ((seed.mode !== 'live' && seed.mode !== 'held') || seed.alpha !== 1) {
      throw new EsperError(
        'NN_SEED_NOT_READY',
        `${seedId} is ${seed.mode} at alpha ${seed.alpha}; only a live seed at 1 becomes permanent`,
        { seedId, mode: seed.mode, alpha: seed.alpha },
      );
    }
    const parameters = bodySize(seed.body);
    const units = newUnitsOf(seed, this.#state.layers[seed.place.source]);
    if (units !== null) {
      mergeUnits(this.runtime, this.#state, seed, units);
      return { merged: true, frozen: false, parameters };
    }
    const frozen = settleBranch(seed);
    if (seed.place.span === 'cascade') {
      this.#state = { ...this.#state, cascade: [...this.#state.cascade, seedId] };
    }
    return { merged: false, frozen, parameters };
  }

  uproot(seedId: string): void {
    const seed = this.#seed(seedId);
    const { seeds, cascade } = this.#state;
    const rank = cascade.indexOf(seedId);
    const readers = [...seeds.values()].filter(({ sources }) => rank >= 0 && sources > rank);
    if (readers.length > 0) {
      throw new EsperError('NN_SEED_IN_USE', `${seedId} is read by later cascade seeds`, {
        seedId,
        readers: readers.map((reader) => reader.seedId),
      });
    }
    seeds.delete(seedId);
    disposeBody(seed.body);
    this.#state = { ...this.#state, cascade: cascade.filter((id) => id !== seedId) };
  }

  corrupt(seedId: string, how: 'nan' | 'explode'): void {
    corruptSeed(this.runtime, this.#seed(seedId), how);
  }

  capture(): NetworkSnapshot {
    const snapshot: NetworkSnapshot = { kind: 'network-snapshot' };
    this.#snapshots.set(snapshot, cloneState(this.#state));
    return snapshot;
  }

  restore(snapshot: NetworkSnapshot): void {
    const past = cloneState(this.#held(snapshot));
    disposeState(this.#state);
    this.#state = past;
  }

  release(snapshot: NetworkSnapshot): void {
    disposeState(this.#held(snapshot));
    this.#snapshots.delete(snapshot);
  }

  image(snapshot?: NetworkSnapshot): Promise<NetworkImage> {
    return writeImage(this.runtime, this, snapshot === undefined ? this.#state : this.#held(snapshot));
  }

  dispose(): void {
    for (const state of this.#snapshots.values()) disposeState(state);
    this.#snapshots.clear();
    disposeState(this.#state);
    this.#state = { layers: [], seeds: new Map(), cascade: [] };
  }

  #axes(place: Place, seedId: string): { readonly from: Axis; readonly to: Axis } {
    const { fromDim, toDim, source, target } = place;
    const to = { dim: toDim, size: widthOf(this.#state, target) };
    if (fromDim !== null) return { from: { dim: fromDim, size: widthOf(this.#state, source) }, to };
    const units = this.#state.cascade.map((id) => cascadeUnits(this.#state.seeds.get(id)!));
    const size = widthOf(this.#state, 0) + units.reduce((a, b) => a + b, 0);
    return { from: { dim: `${seedId}.in`, size }, to };
  }

  #seed(seedId: string): Seed {
    const seed = this.#state.seeds.get(seedId);
    if (seed !== undefined) return seed;
    throw new EsperError(
      'NN_SEED_UNKNOWN',
      `no seed ${seedId} grows here`,
      { seedId },
      {
        hint: 'it may have been uprooted, or merged into the host when it became a fossil',
      },
    );
  }

  #growing(seedId: string): Seed {
    const seed = this.#seed(seedId);
    if (!seed.fossil) return seed;
    throw new EsperError('NN_SEED_FOSSILIZED', `${seedId} is permanent`, { seedId });
  }

  #held(snapshot: NetworkSnapshot): HostState {
    const state = this.#snapshots.get(snapshot);
    if (state !== undefined) return state;
    throw new EsperError('NN_SNAPSHOT_UNKNOWN', 'this snapshot was released, or belongs to another network');
  }
}

/** Units a cascade fossil shows to later ones: the width of the node its output map reads. */
const cascadeUnits = ({ body }: Seed) => body.parameters.get(`${body.output}.w`)!.shape[0]!;

/** One stream per life: scoring and planting draw the same weights from it. */
const seedStream = (runSeed: number, seedId: string, kernelId: string, draw: number): RandomStream =>
  randomStream(`${runSeed}/${seedId}/${kernelId}/${draw}`);
