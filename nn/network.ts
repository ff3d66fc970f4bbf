/** The host with its slots and whatever grows in them. */

import { EsperError } from '../contracts/failure.ts';
import type { BlueprintIR, Kernel, SlotId, Span } from '../contracts/index.ts';
import { type RandomStream, randomStream } from '../contracts/random-stream.ts';
import type { OptimizerConfig } from '../contracts/run-config.ts';
import { checkBlueprint } from './blueprint-check.ts';
import { corruptSeed } from './corrupt.ts';
import { mergeUnits, newUnitsOf, settleBranch } from './fossil.ts';
import { groundAt } from './ground.ts';
import { bodySize, cloneState, disposeBody, disposeState, type HostState, type Seed } from './host-state.ts';
import { writeImage } from './image-write.ts';
import { hasUnits } from './layer-ops.ts';
import { momentCountOf } from './optimizer.ts';
import type { TensorRuntime } from './runtime.ts';
import { type Axis, endsAt, growBody } from './seed-body.ts';
import { type Place, placesOf, shapesOf } from './slots.ts';
import type {
  FossilReport,
  GrowingNetwork,
  HostSpec,
  LayerSpec,
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

/** Holds newer weights than the network's tensors do, and can write them there. */
export interface WeightsAuthor {
  /** Brings weights, moments and counts of updates into the tensors; cheap when they are there already. */
  settle(): void;
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
  #author: WeightsAuthor | null = null;
  #version = 0;

  constructor({ runtime, spec, spans, optimizer, runSeed, state }: NetworkMake) {
    this.spec = spec;
    this.spans = spans;
    this.runtime = runtime;
    this.#runSeed = runSeed;
    this.#momentCount = momentCountOf(optimizer);
    this.#places = placesOf(spec, spans);
    this.#state = state;
  }

  /** Everything as it is now; whoever is ahead of the tensors writes into them first. */
  get state(): HostState {
    this.#author?.settle();
    return this.#state;
  }

  /** Changes with every change that was not made by the author: what was compiled or copied before is out of date. */
  get version(): number {
    return this.#version;
  }

  /** Someone else's step wrote into the tensors. */
  touch(): void {
    this.#version++;
  }

  /** Makes `author` the one whose weights count until it settles; an earlier one settles now. */
  entrust(author: WeightsAuthor): void {
    if (this.#author !== author) this.#author?.settle();
    this.#author = author;
  }

  /** Do the weights of `author` count? Not once another one's did, or a snapshot came back. */
  trusts(author: WeightsAuthor): boolean {
    return this.#author === author;
  }

  /** Undoes `entrust`. @param author settled already, or its numbers are lost */
  reclaim(author: WeightsAuthor): void {
    if (this.#author === author) this.#author = null;
  }

  /** Shapes of one row now: index 0 is the input, then a layer each. */
  shapes(): ReadonlyArray<readonly number[]> {
    const now = this.#state.layers.map(
      ({ spec, parameters }): LayerSpec =>
        hasUnits(spec) ? { ...spec, units: parameters.get('w')!.shape.at(-1)! } : spec,
    );
    return shapesOf(this.spec, now);
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
    return this.shapes()
      .slice(1)
      .map((shape) => shape.at(-1)!);
  }

  parameterCount() {
    const host = this.#state.layers.reduce((n, { parameters }) => n + bodySize({ parameters }), 0);
    const seeds = [...this.#state.seeds.values()].reduce((n, { body }) => n + bodySize(body), 0);
    return { host, seeds, total: host + seeds };
  }

  fits(slotId: SlotId, { blueprint }: Kernel): string | null {
    const place = this.#places.get(slotId);
    if (place === undefined) return `no slot ${slotId} here`;
    if (!blueprint.spans.includes(place.span)) return `${blueprint.id} does not span ${place.span}`;
    const { from, to } = this.#axes(place, '');
    const widths = { inWidth: from.size, outWidth: to.size };
    const sides = (layer: number) => this.#state.layers[layer - 1]!.parameters.get('w')!.shape.slice(0, -2);
    const budget = {
      ...widths,
      maxNodes: 1000,
      maxParameters: 16_000_000,
      ground: groundAt(place, this.shapes(), sides),
    };
    // In this one slot only its own span counts.
    const here: BlueprintIR = { ...blueprint, spans: [place.span] };
    const complaints = checkBlueprint(here, budget);
    return complaints.length === 0 ? null : complaints.join('; ');
  }

  plant(order: PlantOrder): void {
    if (this.#state.seeds.has(order.seedId)) {
      throw new EsperError('NN_SEED_EXISTS', `${order.seedId} grows already`, { seedId: order.seedId });
    }
    const seed = this.grow(order, this.#momentCount);
    this.#change();
    this.#state.seeds.set(order.seedId, seed);
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
    const soil = {
      ...this.#axes(place, seedId),
      seedId,
      place,
      specs: this.spec.layers,
      momentCount,
      random,
    };
    return {
      seedId,
      kernel,
      draw,
      place,
      body: growBody(this.runtime, kernel.blueprint, soil),
      sources: place.span === 'cascade' ? this.#state.cascade.length : 0,
      mode: 'absent',
      alpha: 0,
      fossil: false,
      gradientGain: 1,
    };
  }

  setMode(seedId: string, mode: SeedMode): void {
    const seed = this.#growing(seedId);
    if (seed.mode === mode) return;
    this.#change();
    seed.mode = mode;
  }

  setAlpha(seedId: string, alpha: number): void {
    if (!(alpha >= 0 && alpha <= 1)) {
      throw new EsperError('NN_ALPHA_OUT_OF_RANGE', `alpha of ${seedId} must lie in 0..1`, { seedId, alpha });
    }
    const seed = this.#growing(seedId);
    // A seed at 0 is not computed at all, so only the step to or from 0 changes what a pass consists of.
    if ((seed.alpha === 0) !== (alpha === 0)) this.#change();
    seed.alpha = alpha;
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
    this.#change();
    const parameters = bodySize(seed.body);
    const units = newUnitsOf(seed, this.#state);
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
    this.#change();
    seeds.delete(seedId);
    disposeBody(seed.body);
    this.#state = { ...this.#state, cascade: cascade.filter((id) => id !== seedId) };
  }

  corrupt(seedId: string, how: 'nan' | 'explode'): void {
    const seed = this.#seed(seedId);
    this.#change();
    corruptSeed(this.runtime, seed, how);
  }

  capture(): NetworkSnapshot {
    const snapshot: NetworkSnapshot = { kind: 'network-snapshot' };
    this.#snapshots.set(snapshot, cloneState(this.state));
    return snapshot;
  }

  restore(snapshot: NetworkSnapshot): void {
    const past = cloneState(this.#held(snapshot));
    // What the author holds is thrown away with everything else.
    this.#author = null;
    this.#version++;
    disposeState(this.#state);
    this.#state = past;
  }

  release(snapshot: NetworkSnapshot): void {
    disposeState(this.#held(snapshot));
    this.#snapshots.delete(snapshot);
  }

  image(snapshot?: NetworkSnapshot): Promise<NetworkImage> {
    return writeImage(this.runtime, this, snapshot === undefined ? this.state : this.#held(snapshot));
  }

  dispose(): void {
    // Nobody is to bring weights into tensors that are gone.
    this.#author = null;
    this.#version++;
    for (const state of this.#snapshots.values()) disposeState(state);
    this.#snapshots.clear();
    disposeState(this.#state);
    this.#state = { layers: [], seeds: new Map(), cascade: [], steps: 0 };
  }

  #axes(place: Place, seedId: string): { readonly from: Axis; readonly to: Axis } {
    const units = this.#state.cascade.map((id) => cascadeUnits(this.#state.seeds.get(id)!));
    return endsAt(place, seedId, this.shapes(), units);
  }

  /** A change that is not the author's: it brings its weights in first, and what it had compiled is out of date. */
  #change(): void {
    this.#author?.settle();
    this.#version++;
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
