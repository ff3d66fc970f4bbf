/** Writes checkpoints beside the training loop: every few boundaries, and the newest one when asked to save. */
import { CheckpointWritten, RunEvent, toFailure } from '../../contracts/index.ts';
import type { NetworkImage } from '../../nn/index.ts';
import type { Moment } from '../triad.ts';
import type { TolariaArgs } from './deps.ts';

/** A committed boundary, ready to be written: what it left, and the plain state beside the tensors. */
export interface Offer {
  readonly moment: Moment;
  readonly image: NetworkImage;
  readonly extra: unknown;
}

export class Checkpointing {
  #newest: Offer | null = null;
  #writtenBoundary = -1;
  #writing: Promise<void> = Promise.resolve();
  #failure: unknown = null;
  readonly #args: TolariaArgs;

  constructor(args: TolariaArgs) {
    this.#args = args;
    this.#writtenBoundary = (args.resumed?.saved?.state.boundary ?? 0) - 1;
  }

  /** Takes note of a boundary and writes it when its turn has come. Never waited for. */
  offer(offer: Offer): void {
    this.#newest = offer;
    const { checkpointBoundaries } = this.#args.work.config.training;
    if (offer.moment.boundary - this.#writtenBoundary >= checkpointBoundaries) this.#write(offer);
  }

  /** Writes the newest boundary unless it is on disk already. @throws what the last write threw */
  async flush(): Promise<void> {
    if (this.#newest && this.#newest.moment.boundary > this.#writtenBoundary) this.#write(this.#newest);
    await this.#writing;
    if (this.#failure !== null) throw this.#failure;
  }

  /** One write at a time. A failed one is remembered, training goes on, and the next boundary tries again. */
  #write({ moment, image, extra }: Offer): void {
    const before = this.#writtenBoundary;
    this.#writtenBoundary = moment.boundary;
    const { boundary, epoch, step } = moment;
    this.#writing = this.#writing.then(async () => {
      await this.#args.log.confirm();
      try {
        const written = await this.#args.checkpoints.write({
          boundary,
          epoch,
          step,
          structure: image.structure,
          tensors: image.tensors,
          extra,
        });
        if (this.#failure !== null)
          this.#tell(moment, 'notice', 'checkpoint_mended', 'checkpoints can be written again');
        this.#failure = null;
        this.#args.log.append(CheckpointWritten.of({ boundary, epoch, step, ...written }));
      } catch (error) {
        const why = toFailure(error).message;
        if (this.#failure === null)
          this.#tell(
            moment,
            'warning',
            'checkpoint_failed',
            `no checkpoint could be written, training goes on: ${why}`,
          );
        this.#failure = error;
        this.#writtenBoundary = Math.min(before, this.#writtenBoundary);
      }
    });
  }

  /** Said once when writing begins to fail and once when it works again. */
  #tell({ epoch, step }: Moment, level: RunEvent['level'], what: string, text: string): void {
    const { runId } = this.#args.work;
    this.#args.publish(RunEvent.of({ runId, epoch, step, level, who: 'tolaria', what, text, details: {} }));
  }
}
