/** Follows a pass without numbers: which operations on which shapes, and where gradients would flow. */
import type { Activation } from '../../contracts/blueprint.ts';
import { windowed } from '../layer-ops.ts';
import type { ForeignLayer, NormKind, NormWeights, Ops, Window } from '../ops.ts';
import type { Parameter } from '../parameter.ts';
import { type Node, placesOfShape, present, sizeOfShape, type Work, widthOfShape } from './graph.ts';

type Shape = readonly number[];

/** One pass over shapes. The rules for `needs` and for counting are those of `Tape`. */
export class Trace implements Ops<Node> {
  readonly training: boolean;
  /** In the order in which they were met. */
  readonly nodes: Node[] = [];
  readonly #weights = new Map<Parameter, Node>();
  /** Of one row, as `Tape` counts them. */
  multiplyAdds = 0;
  /** The first operation that has no instruction, in words; null when all have. */
  inexpressible: string | null = null;

  constructor(training: boolean) {
    this.training = training;
  }

  input(shape: Shape): Node {
    return this.#add({ op: 'input' }, [], shape, false);
  }

  still(value: Node): Node {
    return { ...value, needs: false };
  }

  /** Gradients at values are asked for by scores alone, and those are no business of a compiled pass. */
  watch(value: Node): Node {
    return { ...value, needs: true };
  }

  weight(parameter: Parameter, learns: boolean): Node {
    const held = this.#weights.get(parameter);
    if (held !== undefined) return held;
    const fresh = this.#add({ op: 'weight', parameter }, [], parameter.shape, learns);
    this.#weights.set(parameter, fresh);
    return fresh;
  }

  dense(x: Node, w: Node, b: Node | null): Node {
    this.#spend(placesOfShape(x.shape) * sizeOfShape(w.shape), x, w);
    return this.#add({ op: 'dense' }, [x, w, b], [...x.shape.slice(0, -1), widthOfShape(w.shape)]);
  }

  conv(x: Node, w: Node, b: Node | null, window: Window): Node {
    const shape = [...windowed(x.shape, window), widthOfShape(w.shape)];
    this.#spend(placesOfShape(shape) * sizeOfShape(w.shape), x, w);
    return this.#add({ op: 'conv', window }, [x, w, b], shape);
  }

  depthwise(x: Node, w: Node, b: Node | null, window: Window): Node {
    const shape = [...windowed(x.shape, window), widthOfShape(x.shape)];
    this.#spend(placesOfShape(shape) * sizeOfShape(w.shape), x, w);
    return this.#add({ op: 'depthwise', window }, [x, w, b], shape);
  }

  pool(x: Node, kind: 'max' | 'mean', window: Window): Node {
    return this.#add(
      { op: 'pool', kind, window },
      [x],
      [...windowed(x.shape, window), widthOfShape(x.shape)],
    );
  }

  squeeze(x: Node, kind: 'max' | 'mean'): Node {
    return this.#add({ op: 'squeeze', kind }, [x], [widthOfShape(x.shape)]);
  }

  norm(x: Node, { gamma, beta, mean, variance, frozen }: NormWeights<Node>, how: NormKind): Node {
    const figures = mean !== null && variance !== null && how.kind === 'batch';
    const running = figures
      ? { mean: this.weight(mean, false), variance: this.weight(variance, false) }
      : null;
    const resting = how.kind === 'batch' && (frozen || !this.training);
    return this.#add({ op: 'norm', how, resting, running }, [x, gamma, beta], x.shape);
  }

  activate(z: Node, activation: Activation): Node {
    return activation === 'linear' ? z : this.#add({ op: 'activate', activation }, [z], z.shape);
  }

  add(a: Node, b: Node): Node {
    return this.#add({ op: 'add' }, [a, b], a.shape);
  }

  multiply(a: Node, b: Node): Node {
    return this.#add({ op: 'multiply' }, [a, b], a.shape);
  }

  gate(x: Node, g: Node): Node {
    return this.#add({ op: 'gate' }, [x, g], x.shape);
  }

  scale(a: Node, factor: number, seedId: string): Node {
    return factor === 1 ? a : this.#add({ op: 'scale', seedId }, [a], a.shape);
  }

  concat(values: readonly Node[]): Node {
    const width = values.reduce((sum, { shape }) => sum + widthOfShape(shape), 0);
    return this.#add({ op: 'concat' }, values, [...values[0]!.shape.slice(0, -1), width]);
  }

  slice(x: Node, start: number, size: number): Node {
    return this.#add({ op: 'slice', start }, [x], [...x.shape.slice(0, -1), size]);
  }

  addTo(x: Node, y: Node, start: number): Node {
    const whole = widthOfShape(x.shape) === widthOfShape(y.shape);
    return whole ? this.add(x, y) : this.#add({ op: 'addTo', start }, [x, y], x.shape);
  }

  reshape(x: Node, shape: Shape): Node {
    const view: Node = { work: { op: 'view' }, inputs: [x], shape, needs: x.needs, root: x.root };
    this.nodes.push(view);
    return view;
  }

  upsample(x: Node, by: number): Node {
    const [height, width, channels] = x.shape as [number, number, number];
    return this.#add({ op: 'upsample', by }, [x], [height * by, width * by, channels]);
  }

  attend(q: Node, k: Node, v: Node, heads: number): Node {
    const products = 2 * placesOfShape(q.shape) * sizeOfShape(k.shape);
    this.multiplyAdds += products * (q.needs || k.needs || v.needs ? 3 : 1);
    if (placesOfShape(q.shape) !== placesOfShape(k.shape)) this.#refuse('attention between different places');
    return this.#add({ op: 'attend', heads }, [q, k, v], q.shape);
  }

  embed(ids: Node, table: Node): Node {
    return this.#add({ op: 'embed' }, [ids, table], [...ids.shape, widthOfShape(table.shape)], table.needs);
  }

  dropout(x: Node, rate: number, key: string): Node {
    if (!this.training || rate === 0) return x;
    return this.#add({ op: 'dropout', rate, key }, [x], x.shape);
  }

  foreign(layer: ForeignLayer, inputs: readonly Node[], weights: readonly Node[]): Node {
    this.#refuse(`layer ${layer.name}, which only its owner understands`);
    const shape = layer.outputShape(inputs.map((input) => input.shape));
    return this.#add({ op: 'view' }, [...inputs, ...weights], shape);
  }

  #refuse(why: string): void {
    this.inexpressible ??= why;
  }

  #spend(products: number, x: Node, w: Node): void {
    this.multiplyAdds += products * (w.needs ? 3 : x.needs ? 2 : 1);
  }

  #add(work: Work, inputs: ReadonlyArray<Node | null>, shape: Shape, needs?: boolean): Node {
    const fresh = { work, inputs, shape, needs: needs ?? present(inputs).some((input) => input.needs) };
    const node: Node = Object.assign(fresh, { root: fresh as Node });
    this.nodes.push(node);
    return node;
  }
}
