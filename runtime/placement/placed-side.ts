/** Lets a system find units by name: `esper/placed/<unit>` on every node, wherever the unit is. */
import type { Address } from '../actor/address.ts';
import type { Kernel } from '../actor/kernel.ts';
import type { RemoteSide } from '../remote/remote-side.ts';
import type { Directory } from './directory.ts';
import { arrivedPath, placedPath, unitOf } from './names.ts';
import { PlacedAddress } from './placed-address.ts';

export class PlacedSide implements RemoteSide {
  readonly #inner: RemoteSide;
  readonly #directory: Directory;
  readonly #knows: (unit: string) => boolean;
  readonly #most: number;
  readonly #addresses = new Map<string, PlacedAddress>();
  #kernel: Kernel | null = null;
  #end: () => void = () => {};

  /**
   * @param inner the way to other nodes
   * @param knows is there such a unit? Whoever makes up names must not fill this node's memory
   * @param most messages kept for each unit while it is on its way
   */
  constructor(inner: RemoteSide, directory: Directory, knows: (unit: string) => boolean, most: number) {
    this.#inner = inner;
    this.#directory = directory;
    this.#knows = knows;
    this.#most = most;
  }

  attach(kernel: Kernel): void {
    this.#kernel = kernel;
    this.#inner.attach(kernel);
    this.#end = this.#directory.onChange((unit) => {
      // What has come from elsewhere was sent before.
      for (const path of [arrivedPath(unit), placedPath(unit)]) this.#addresses.get(path)?.changed();
    });
  }

  find(path: string): Address | undefined {
    const unit = unitOf(path);
    if (unit === undefined || this.#kernel === null) return this.#inner.find(path);
    const known = this.#addresses.get(path);
    if (known !== undefined || !this.#knows(unit)) return known;
    const made = new PlacedAddress(path, unit, this.#kernel, this.#directory, this.#most);
    this.#addresses.set(path, made);
    return made;
  }

  serve(): void {
    this.#inner.serve();
  }

  async leave(): Promise<void> {
    await this.#inner.leave();
    this.#end();
    for (const address of this.#addresses.values()) address.close();
  }

  /** Messages that wait here, by unit. */
  held(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const { unit, held } of this.#addresses.values()) counts[unit] = (counts[unit] ?? 0) + held;
    return counts;
  }
}
