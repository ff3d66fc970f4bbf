/** Lets a system find units by name: `esper/placed/<unit>` on every node, wherever the unit is. */
import type { MailTaken } from '../../contracts/placement-messages.ts';
import type { Address } from '../actor/address.ts';
import type { Kernel } from '../actor/kernel.ts';
import { within } from '../maybe.ts';
import type { RemoteSide } from '../remote/remote-side.ts';
import type { Directory } from './directory.ts';
import { unitArrivingAt, unitPlacedAt } from './names.ts';
import { PlacedAddress } from './placed-address.ts';
import { PlacedEntrance } from './placed-entrance.ts';

/** Milliseconds that a node which leaves waits for its mail to be taken. */
const DRAIN_MS = 1_000;

export class PlacedSide implements RemoteSide {
  readonly #inner: RemoteSide;
  readonly #directory: Directory;
  readonly #knows: (unit: string) => boolean;
  readonly #most: number;
  /** By unit: where messages are sent, and where they come in from other nodes. */
  readonly #addresses = new Map<string, PlacedAddress>();
  readonly #entrances = new Map<string, PlacedEntrance>();
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
    this.#end = this.#directory.onChange((unit) => this.#addresses.get(unit)?.changed());
  }

  find(path: string): Address | undefined {
    const kernel = this.#kernel;
    if (kernel === null) return this.#inner.find(path);
    const placed = unitPlacedAt(path);
    if (placed !== undefined) return this.#addresses.get(placed) ?? this.#address(placed, kernel);
    const arriving = unitArrivingAt(path);
    if (arriving === undefined) return this.#inner.find(path);
    return this.#entrances.get(arriving) ?? this.#entrance(arriving, kernel);
  }

  serve(): void {
    this.#inner.serve();
  }

  async leave(): Promise<void> {
    const { clock } = this.#kernel ?? {};
    const drained = [...this.#addresses.values()].map((address) => address.drained());
    const underWay = drained.filter((one) => one !== undefined);
    // What was sent last still gets there, if whoever takes it answers.
    if (clock !== undefined && underWay.length > 0)
      await within(
        clock,
        DRAIN_MS,
        Promise.all(underWay).then(() => undefined),
      );
    await this.#inner.leave();
    this.#end();
    for (const address of this.#addresses.values()) address.close();
  }

  /** Messages that wait here or are on their way from here, by unit. */
  held(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#addresses].map(([unit, { held }]) => [unit, held]));
  }

  #address(unit: string, kernel: Kernel): Address | undefined {
    if (!this.#knows(unit)) return undefined;
    const made = new PlacedAddress(unit, kernel, this.#directory, this.#most);
    this.#addresses.set(unit, made);
    return made;
  }

  #entrance(unit: string, kernel: Kernel): Address | undefined {
    if (!this.#knows(unit)) return undefined;
    const taken = (receipt: MailTaken) => this.#addresses.get(unit)?.taken(receipt);
    const made = new PlacedEntrance(unit, kernel, this.#directory, taken);
    this.#entrances.set(unit, made);
    return made;
  }
}
