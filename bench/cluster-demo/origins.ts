/** Listens in on what the nodes publish, before any guard: who compiled which kernel, and how often each answer was said. */
import { open } from '../../actors/oona/wire.ts';
import { CatalogueReady, KernelCompiled, TOPICS } from '../../contracts/index.ts';
import type { Transport } from '../../runtime/index.ts';

export interface Made {
  readonly kernelId: string;
  readonly blueprintId: string;
  readonly node: string;
}

export class Origins {
  readonly #made = new Map<string, Made>();
  readonly #answers = new Map<string, number>();
  readonly #leave: readonly (() => void)[];

  /** @param transport of a client of its own, as it is: what is stored is published like anything else */
  constructor(transport: Transport, cluster: string) {
    const tap = (topic: string, hear: (body: unknown, node: string) => void) =>
      transport.subscribe(`${cluster}.kept.*.${topic}`, (bytes) => {
        const parcel = open(bytes);
        if (typeof parcel === 'string') return;
        for (const { message } of parcel.said) hear(message.body, parcel.from);
      });
    this.#leave = [
      tap(TOPICS.kernelCompiled, (body, node) => {
        const { kernelId, blueprint } = KernelCompiled.parse(body).kernel;
        // Who made it first: later ones are found on the shelf.
        if (!this.#made.has(blueprint.id))
          this.#made.set(blueprint.id, { kernelId, blueprintId: blueprint.id, node });
      }),
      tap(TOPICS.catalogueReady, (body) => {
        const { requestId } = CatalogueReady.parse(body);
        this.#answers.set(requestId, (this.#answers.get(requestId) ?? 0) + 1);
      }),
    ];
  }

  /** Kernels of these blueprints, with the node that compiled each; null for one that nobody was heard to make. */
  of(blueprintIds: readonly string[]): readonly (Made | null)[] {
    return blueprintIds.map((id) => this.#made.get(id) ?? null);
  }

  /** Answers to these requests that were published, and requests that had more than one. */
  answers(isOurs: (requestId: string) => boolean): { readonly said: number; readonly saidTwice: number } {
    const ours = [...this.#answers].filter(([requestId]) => isOurs(requestId)).map(([, times]) => times);
    return {
      said: ours.reduce((sum, times) => sum + times, 0),
      saidTwice: ours.filter((times) => times > 1).length,
    };
  }

  close(): void {
    for (const leave of this.#leave) leave();
  }
}
