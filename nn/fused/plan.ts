/** Trains in one piece of memory: the network compiled to a program, tensors only when somebody asks for them. */
import { EsperError } from '../../contracts/failure.ts';
import type { OptimizerConfig } from '../../contracts/run-config.ts';
import { checkView } from '../evaluation.ts';
import type { HostState, Seed } from '../host-state.ts';
import { Tally } from '../loss-head.ts';
import type { HostNetwork, WeightsAuthor } from '../network.ts';
import { rateFor } from '../training-step.ts';
import type { CandidateDraw, Evaluation, Picked, Rates, Rows, StepReport, TrainPlan } from '../types.ts';
import { lookingView } from '../views.ts';
import { compileLook, type LookProgram } from './compile-look.ts';
import { compileStep, type StepProgram } from './compile-step.ts';
import { placeRows } from './inputs.ts';
import type { Program } from './program.ts';
import { lacksMemory, noRoomForEither } from './refusals.ts';
import type { Shelf } from './shelf.ts';
import { cut, type Helpers, Stage, segmentOf } from './stage.ts';
import { Stepper, writeAlphas } from './step.ts';
import { loadWeights } from './store.ts';

export interface FusedPlanMake {
  readonly network: HostNetwork;
  readonly optimizer: OptimizerConfig;
  /** Takes over what has no instruction, and every step that goes wrong. It is disposed with this plan. */
  readonly reference: TrainPlan;
  /** Hears once why the reference has to step in. */
  readonly say: (line: string) => void;
  readonly helpers: Helpers;
}

interface LookView {
  readonly without?: readonly string[];
  readonly withShadow?: readonly string[];
}

/** A network as it was compiled. */
interface Compiled {
  /** Of the network whose weights are in the arena. */
  version: number;
  readonly stepper: Stepper;
  readonly state: HostState;
  /** Steps behind the network when it was. */
  readonly begun: number;
  /** Live seeds that are taken whole, unmultiplied. */
  readonly whole: ReadonlySet<Seed>;
  readonly looks: Map<string, LookProgram>;
}

/** Numbers of one run of an evaluation: what stays in the cache, or a chunk of narrow rows. */
const CHUNK_NUMBERS = 262_144;
const MOST_CHUNK_ROWS = 1024;

/** @see createPlan */
export class FusedPlan implements TrainPlan, WeightsAuthor {
  readonly name: string;
  readonly #network: HostNetwork;
  readonly #config: OptimizerConfig;
  readonly #reference: TrainPlan;
  readonly #say: (line: string) => void;
  readonly #stage: Stage;
  readonly #chunk: number;
  /** A library multiplies zeros faster than a list of what is none can be followed. */
  readonly #listing: boolean;
  #compiled: Compiled | null = null;
  /** Of the network that cannot be compiled, or has broken weights: until it changes, the reference trains it. */
  #refused = -1;
  #said = false;
  /** Why there was no room for the newest program; null while there is. */
  #lack: EsperError | null = null;
  /** Steps that the tensors do not know of. */
  #ahead = 0;
  #spent = 0;
  readonly #lookedAt = new WeakSet<Rows>();
  #indices = new Uint32Array(0);
  #targets = new Float32Array(0);

  constructor({ network, optimizer, reference, say, helpers }: FusedPlanMake) {
    this.name = helpers.blas === null ? 'fused' : `fused-${helpers.blas.name}`;
    this.#stage = new Stage(helpers);
    this.#listing = helpers.blas === null;
    this.#network = network;
    this.#config = optimizer;
    this.#reference = reference;
    this.#say = say;
    const fitting = Math.floor(CHUNK_NUMBERS / network.spec.inputs);
    this.#chunk = Math.max(16, Math.min(MOST_CHUNK_ROWS, fitting - (fitting % 16)));
  }

  /** Bytes of the arena: it grows to what the largest program needs, and stays. */
  get arenaBytes(): number {
    return this.#stage.engine.bytes;
  }

  /** How often the second thread was there in time. */
  get tally(): Stage['tally'] {
    return this.#stage.tally;
  }

  prefersBytes(): boolean {
    return this.#compiled?.stepper.program.takesBytes ?? false;
  }

  keeps(table: Rows): boolean {
    const { program } = this.#compiled?.stepper ?? {};
    return program?.takesBytes === true && this.#stage.shelves.of(table) !== null;
  }

  async step(
    inputs: Float32Array | Uint8Array | Picked,
    targets: Float32Array,
    rows: number,
    rates: Rates,
  ): Promise<StepReport> {
    const compiled = this.#current(rows);
    if (compiled === null) return this.#delegate(inputs, targets, rows, rates);
    if (!this.#makeRoom(compiled.stepper.program, rows, compiled.stepper.program)) {
      this.#refused = this.#network.version;
      return this.#delegate(inputs, targets, rows, rates);
    }
    const { program } = compiled.stepper;
    const given = 'table' in inputs ? inputs.indices.length * inputs.table.inputs : inputs.length;
    if (given !== rows * program.inputs || targets.length !== rows * program.outputs || rows < 1)
      throw misshapen(given, targets.length, rows);
    const rateOf = ({ id }: { readonly id: string }, all: Rates) => rateFor(all, compiled.state, id);
    const report = compiled.stepper.step({ inputs, targets, rows }, rates, rateOf, compiled.begun);
    // In 64 bits it is found out who is guilty, or that nobody is.
    if (report === null) return this.#delegate(inputs, targets, rows, rates);
    this.#ahead++;
    this.#spent += rows * program.multiplyAddsPerRow;
    return report;
  }

  async evaluate(rows: Rows, view: LookView = {}): Promise<Evaluation> {
    const compiled = this.#current(1);
    const look = compiled === null ? null : this.#look(compiled, view);
    if (compiled === null || look === null) return this.#reference.evaluate(rows, view);
    const { inputs } = compiled.stepper.program;
    const width = { inputs, outputs: look.width };
    const stage = this.#stage;
    const tally = new Tally(this.#network.spec.loss, rows.kind);
    if (!this.#makeRoom(look, this.#chunk, { inputs, outputs: 0 }))
      return this.#reference.evaluate(rows, view);
    const shelf = look.takesBytes ? this.#shelfToLookAt(rows) : null;
    writeAlphas(stage.engine.f32, compiled.stepper.program);
    const { f32 } = stage.engine;
    const pass = segmentOf(look, look.pass);
    const { sourceCell } = compiled.stepper.program;
    const { inputsAt, takesBytes } = look;
    for (let from = 0; from < rows.count; from += this.#chunk) {
      const count = Math.min(this.#chunk, rows.count - from);
      const indices = this.#rowsFrom(from, count);
      const rowBytes = placeRows(
        stage.engine,
        shelf,
        { sourceCell, inputsAt, takesBytes, inputs },
        { table: rows, indices },
      );
      const targets = this.#targetsFor(count * rows.outputs);
      rows.fillTargets(indices, targets);
      stage.runPass(pass, cut(look, count, width, false, rowBytes), count * look.multiplyAddsPerRow);
      const outputs = look.outputsAt / 4;
      tally.add(f32.subarray(outputs, outputs + count * look.width), targets, count);
    }
    this.#spent += rows.count * look.multiplyAddsPerRow;
    return tally.result();
  }

  score(candidates: readonly CandidateDraw[], rows: Rows) {
    return this.#reference.score(candidates, rows);
  }

  multiplyAdds(): number {
    return this.#spent + this.#reference.multiplyAdds();
  }

  settle(): void {
    if (this.#ahead === 0 || this.#compiled === null) return;
    this.#compiled.stepper.store(this.#network.runtime, this.#ahead);
    this.#compiled.state.steps += this.#ahead;
    this.#ahead = 0;
  }

  dispose(): void {
    if (this.#network.trusts(this)) this.settle();
    this.#network.reclaim(this);
    this.#compiled = null;
    this.#stage.dispose();
    this.#reference.dispose();
  }

  /**
   * The reference's step is no change of structure: what had no program before has none after it, and a weight that is
   * broken stays so. A step that wrote nothing leaves what was compiled as good as it was.
   */
  async #delegate(...batch: Parameters<TrainPlan['step']>): Promise<StepReport> {
    const network = this.#network;
    const before = network.version;
    const working = this.#reference.step(...batch);
    if (this.#refused === before) this.#refused = network.version;
    const after = network.version;
    const report = await working.catch((error: unknown) => {
      if (this.#lack !== null && lacksMemory(error)) throw noRoomForEither(this.#lack, error);
      throw error;
    });
    const known = this.#compiled;
    const lone = after === before + 1 && network.version === after;
    if (!report.finite && lone && known?.version === before) known.version = after;
    return report;
  }

  /** The program of the network as it is now; null when it has none. */
  #current(rows: number): Compiled | null {
    const network = this.#network;
    const known = this.#compiled;
    if (known !== null && known.version === network.version && network.trusts(this) && fits(known, rows)) {
      return known;
    }
    if (this.#refused === network.version) return null;
    // What this plan still holds counts only while it is trusted: reading the state brings it in then.
    const { state } = network;
    this.#ahead = 0;
    this.#compiled = null;
    const program = compileStep({ spec: network.spec, state }, this.#config, rows, this.#listing);
    if (typeof program === 'string') {
      this.#refuse(program);
      return null;
    }
    this.#compiled = this.#load(program, state);
    return this.#compiled;
  }

  /**
   * Brings a program in with room for its rows.
   * @returns false, and says it once, when there is no memory for it
   */
  #makeRoom(program: Program, rows: number, width: { readonly inputs: number; readonly outputs: number }) {
    try {
      this.#stage.bring(program, rows, width);
      this.#lack = null;
      return true;
    } catch (error) {
      if (!lacksMemory(error)) throw error;
      this.#lack = error;
      this.#sayOnce(`has no room: ${error.message}`);
      return false;
    }
  }

  /** @returns null when a weight is broken, or there is no room */
  #load(program: StepProgram, state: HostState): Compiled | null {
    const stage = this.#stage;
    if (!this.#makeRoom(program, 0, program)) {
      this.#refused = this.#network.version;
      return null;
    }
    loadWeights(stage.engine, this.#network.runtime, program);
    const stepper = new Stepper(program, stage, this.#config);
    if (!stepper.sound()) {
      this.#refused = this.#network.version;
      return null;
    }
    this.#network.entrust(this);
    return {
      version: this.#network.version,
      stepper,
      state,
      begun: state.steps,
      whole: new Set(program.live.filter(({ alpha }) => alpha === 1)),
      looks: new Map(),
    };
  }

  /** The program of a view, compiled when it is asked for first. */
  #look(
    { state, stepper, looks }: Compiled,
    { without = [], withShadow = [] }: LookView,
  ): LookProgram | null {
    const named = [...without, ...withShadow];
    if (named.some((seedId) => !state.seeds.has(seedId))) checkView(this.#network, named);
    const key = JSON.stringify([[...without].sort(), [...withShadow].sort()]);
    const known = looks.get(key);
    if (known !== undefined) return known;
    const view = lookingView(new Set(without), new Set(withShadow));
    const { program } = stepper;
    const site = { ground: program, alphas: program.alphas, chunk: this.#chunk, listing: this.#listing };
    const look = compileLook({ spec: this.#network.spec, state }, view, site);
    if (typeof look === 'string') {
      this.#sayOnce(`cannot express ${look}`);
      return null;
    }
    looks.set(key, look);
    return look;
  }

  #refuse(why: string): void {
    this.#refused = this.#network.version;
    this.#sayOnce(`cannot express ${why}`);
  }

  #sayOnce(why: string): void {
    if (this.#said) return;
    this.#said = true;
    this.#say(`the fused plan ${why}: such steps run on ${this.#reference.name}`);
  }

  /** Some tables are looked at once, and gone. */
  #shelfToLookAt(rows: Rows): Shelf | null {
    if (this.#lookedAt.has(rows)) return this.#stage.shelves.of(rows);
    this.#lookedAt.add(rows);
    return null;
  }

  #rowsFrom(from: number, count: number): Uint32Array {
    if (this.#indices.length < count) this.#indices = new Uint32Array(this.#chunk);
    const indices = this.#indices.subarray(0, count);
    for (let i = 0; i < count; i++) indices[i] = from + i;
    return indices;
  }

  #targetsFor(size: number): Float32Array {
    if (this.#targets.length < size) this.#targets = new Float32Array(size);
    return this.#targets.subarray(0, size);
  }
}

/** A seed that reaches or leaves alpha 1 changes what is computed, and a batch that may not be cut must fit. */
function fits({ stepper: { program }, whole }: Compiled, rows: number): boolean {
  if (program.wholeBatch && rows > program.rows) return false;
  for (const seed of program.live) if ((seed.alpha === 1) !== whole.has(seed)) return false;
  return true;
}

const misshapen = (inputs: number, targets: number, rows: number) =>
  new EsperError('NN_BATCH_MISSHAPEN', `${rows} rows do not fill this batch`, { rows, inputs, targets });
