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
  /** Written next; a newer one takes its place, so that a disk that cannot keep up costs one network of memory, not many. */
  #due: Offer | null = null;
  #takenBoundary = -1;
  #writtenBoundary = -1;
  #writing: Promise<void> | null = null;
  #failure: unknown = null;
  readonly #args: TolariaArgs;

  constructor(args: TolariaArgs) {
    this.#args = args;
    this.#writtenBoundary = (args.resumed?.saved?.state.boundary ?? 0) - 1;
    this.#takenBoundary = this.#writtenBoundary;
  }

  /** Takes note of a boundary and writes it when its turn has come. Never waited for. */
  offer(offer: Offer): void {
    this.#newest = offer;
    const { checkpointBoundaries } = this.#args.work.config.training;
    if (offer.moment.boundary - this.#takenBoundary >= checkpointBoundaries) this.#write(offer);
  }

  /** Writes the newest boundary unless it is on disk already. @throws what the last write threw */
  async flush(): Promise<void> {
    if (this.#newest && this.#newest.moment.boundary > this.#takenBoundary) this.#write(this.#newest);
    await this.#writing;
    if (this.#failure !== null) throw this.#failure;
  }

  #write(offer: Offer): void {
    this.#takenBoundary = offer.moment.boundary;
    this.#due = offer;
    this.#writing ??= this.#writeDue();
  }

  /** One write at a time, until none is due. */
  async #writeDue(): Promise<void> {
    for (let offer = this.#due; offer !== null; offer = this.#due) {
      this.#due = null;
      await this.#writeOne(offer);
    }
    this.#writing = null;
  }

  /** A write that failed is remembered, training goes on, and the next boundary tries again. */
  async #writeOne({ moment, image, extra }: Offer): Promise<void> {
    const { boundary, epoch, step } = moment;
    await this.#args.log.confirm();
    try {
      const { structure, tensors } = image;
      const content = { boundary, epoch, step, structure, tensors, extra };
      const written = await this.#args.checkpoints.write(content);
      if (this.#failure !== null)
        this.#tell(moment, 'notice', 'checkpoint_mended', 'checkpoints can be written again');
      this.#failure = null;
      this.#writtenBoundary = boundary;
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
      if (this.#due === null) this.#takenBoundary = this.#writtenBoundary;
    }
  }

  /** Said once when writing begins to fail and once when it works again. */
  #tell({ epoch, step }: Moment, level: RunEvent['level'], what: string, text: string): void {
    const { runId } = this.#args.work;
    this.#args.publish(RunEvent.of({ runId, epoch, step, level, who: 'tolaria', what, text, details: {} }));
  }
}
