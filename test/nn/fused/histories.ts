/** Histories of two networks that began alike: whatever befalls the one befalls the other. */
import { type BlueprintIR, EsperError, type OptimizerConfig } from '../../../contracts/index.ts';
import {
  createPlan,
  createTfjsPlan,
  type GrowingNetwork,
  loadNetwork,
  type NetworkSnapshot,
  type Rates,
  type SeedMode,
  type TensorRuntime,
  type TrainPlan,
} from '../../../nn/index.ts';
import { kernelOf, tableOf } from '../worlds.ts';
import { Draws, randomHostNetwork } from './random-hosts.ts';

/** Something that can befall a network. Numbers choose among what there is at the time. */
export type Event =
  | { readonly does: 'plant'; readonly slot: number; readonly blueprint: number }
  | { readonly does: 'mode'; readonly seed: number; readonly mode: SeedMode }
  | { readonly does: 'alpha'; readonly seed: number; readonly alpha: number }
  | { readonly does: 'fossilize' | 'uproot' | 'nan' | 'explode'; readonly seed: number }
  | { readonly does: 'capture' | 'reload' | 'renew' }
  | { readonly does: 'restore' | 'release'; readonly snapshot: number }
  | { readonly does: 'step'; readonly rows: number; readonly rate: 'all' | 'none' | 'zero'; readonly by: By }
  | { readonly does: 'evaluate'; readonly rows: number; readonly without: number; readonly shadow: number }
  | { readonly does: 'score'; readonly slot: number; readonly blueprint: number };

/** Who makes a step: the plan of the network, a second one like it, or one on tensors. */
export type By = 'plan' | 'second' | 'tensors';

/** A network with the plans that train it, one after the other or by turns. */
export class Life {
  readonly #runtime: TensorRuntime;
  readonly #optimizer: OptimizerConfig;
  readonly #runSeed: number;
  readonly #fused: boolean;
  readonly #blueprints: readonly BlueprintIR[];
  readonly #data: Draws;
  #snapshots: NetworkSnapshot[] = [];
  #planted = 0;
  #spent = 0;
  #plans: Readonly<Record<By, TrainPlan>>;
  network: GrowingNetwork;
  readonly said: string[] = [];

  constructor(
    runtime: TensorRuntime,
    optimizer: OptimizerConfig,
    { runSeed, fused, blueprints }: { runSeed: number; fused: boolean; blueprints: readonly BlueprintIR[] },
  ) {
    this.#runtime = runtime;
    this.#optimizer = optimizer;
    this.#runSeed = runSeed;
    this.#fused = fused;
    this.#blueprints = blueprints;
    this.#data = new Draws(`life/${runSeed}`);
    this.network = randomHostNetwork(runtime, runSeed, optimizer);
    this.#plans = this.#newPlans();
  }

  /** @returns what came of it, for comparison: reports, or the code of a refusal */
  async befall(event: Event): Promise<unknown> {
    const before = this.multiplyAdds;
    try {
      return await this.#happen(event);
    } catch (error) {
      if (!(error instanceof EsperError)) throw error;
      // How far a plan comes before it refuses is its own affair.
      this.#spent -= this.multiplyAdds - before;
      return error.code;
    }
  }

  get multiplyAdds(): number {
    return this.#spent + Object.values(this.#plans).reduce((sum, plan) => sum + plan.multiplyAdds(), 0);
  }

  dispose(): void {
    this.#endPlans();
    this.network.dispose();
  }

  #newPlans(): Readonly<Record<By, TrainPlan>> {
    const order = { runtime: this.#runtime, network: this.network, optimizer: this.#optimizer };
    const make = () =>
      this.#fused ? createPlan({ ...order, say: (line) => this.said.push(line) }) : createTfjsPlan(order);
    return { plan: make(), second: make(), tensors: createTfjsPlan(order) };
  }

  #endPlans(): void {
    this.#spent = this.multiplyAdds;
    for (const plan of Object.values(this.#plans)) plan.dispose();
  }

  #happen(event: Event): unknown {
    const { network } = this;
    switch (event.does) {
      case 'plant':
        return network.plant({ ...this.#candidate(event), seedId: `s${this.#planted++}` });
      case 'mode':
        return network.setMode(this.#seed(event.seed), event.mode);
      case 'alpha':
        return network.setAlpha(this.#seed(event.seed), event.alpha);
      case 'fossilize':
        return network.fossilize(this.#seed(event.seed));
      case 'uproot':
        return network.uproot(this.#seed(event.seed));
      case 'nan':
      case 'explode':
        return network.corrupt(this.#seed(event.seed), event.does);
      case 'capture':
        this.#snapshots.push(network.capture());
        return undefined;
      case 'restore':
        return this.#withSnapshot(event.snapshot, (snapshot) => network.restore(snapshot));
      case 'release':
        return this.#withSnapshot(event.snapshot, (snapshot, at) => {
          this.#snapshots.splice(at, 1);
          network.release(snapshot);
        });
      case 'reload':
        return this.#reload();
      case 'renew':
        this.#endPlans();
        this.#plans = this.#newPlans();
        return undefined;
      case 'step':
        return this.#step(event);
      case 'evaluate': {
        const one = (at: number) => (at < 0 ? [] : [this.#seed(at)]);
        const view = { without: one(event.without), withShadow: one(event.shadow) };
        return this.#plans.plan.evaluate(this.#table(event.rows), view);
      }
      case 'score':
        return this.#plans.plan.score([{ ...this.#candidate(event), seedId: 'nobody' }], this.#table(6));
    }
  }

  #step({ rows, rate, by }: Extract<Event, { does: 'step' }>) {
    const { inputs, targets } = this.#batch(rows);
    const value = rate === 'zero' ? 0 : this.#optimizer.rate;
    const ids = rate === 'none' ? [] : ['host', ...this.network.seeds().map(({ seedId }) => seedId)];
    const rates: Rates = Object.fromEntries(ids.map((id) => [id, value]));
    return this.#plans[by].step(inputs, targets, rows, rates);
  }

  async #reload(): Promise<void> {
    const image = await this.network.image();
    this.dispose();
    this.#snapshots = [];
    const order = { runtime: this.#runtime, optimizer: this.#optimizer, runSeed: this.#runSeed };
    this.network = loadNetwork(order, image);
    this.#plans = this.#newPlans();
  }

  #seed(at: number): string {
    const seeds = this.network.seeds();
    return seeds[at % Math.max(1, seeds.length)]?.seedId ?? 'nobody';
  }

  #candidate({ slot, blueprint }: { readonly slot: number; readonly blueprint: number }) {
    const slots = this.network.slots();
    const slotId = slots[slot % Math.max(1, slots.length)]?.slotId ?? 'nowhere';
    // The first that fits, from there on; when nothing does, the refusal is what is compared.
    const from = blueprint % this.#blueprints.length;
    const turned = [...this.#blueprints.slice(from), ...this.#blueprints.slice(0, from)].map(kernelOf);
    const kernel = turned.find((each) => this.network.fits(slotId, each) === null) ?? turned[0]!;
    return { slotId, kernel, draw: 0 };
  }

  #withSnapshot(at: number, work: (snapshot: NetworkSnapshot, at: number) => void): void {
    if (this.#snapshots.length > 0)
      work(this.#snapshots[at % this.#snapshots.length]!, at % this.#snapshots.length);
  }

  #batch(rows: number) {
    const { inputs: width, loss } = this.network.spec;
    const outputs = this.network.widths().at(-1)!;
    const inputs = this.#data.numbers(rows * width);
    const targets = this.#data.numbers(rows * outputs);
    if (loss !== 'mse')
      for (let i = 0; i < targets.length; i++)
        targets[i] = i % outputs === Math.floor(i / outputs) % outputs ? 1 : 0;
    return { inputs, targets };
  }

  #table(rows: number) {
    const { inputs, targets } = this.#batch(rows);
    const cutUp = (data: Float32Array) => {
      const width = data.length / rows;
      return Array.from({ length: rows }, (_, i) => [...data.subarray(i * width, (i + 1) * width)]);
    };
    const kind = this.network.spec.loss === 'mse' ? 'values' : 'classes';
    return tableOf(cutUp(inputs), cutUp(targets), kind);
  }
}
