/** Cuts what a NATS server says into whole frames, so that something in between can hold, double or shuffle messages. */

const CR_LF = Buffer.from('\r\n');

export interface Frame {
  /** First word: MSG and HMSG carry messages, the rest keeps the connection alive. */
  readonly verb: string;
  readonly bytes: Buffer;
}

/** Takes bytes as they come; gives frames when they are whole. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);

  take(chunk: Buffer): readonly Frame[] {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const frames: Frame[] = [];
    for (let frame = this.#next(); frame !== null; frame = this.#next()) frames.push(frame);
    return frames;
  }

  #next(): Frame | null {
    const end = this.#rest.indexOf(CR_LF);
    if (end < 0) return null;
    const words = this.#rest.subarray(0, end).toString('latin1').split(' ');
    const verb = (words[0] ?? '').toUpperCase();
    // MSG and HMSG end with the length of what follows, which has a line end of its own.
    const body = verb === 'MSG' || verb === 'HMSG' ? Number(words.at(-1)) + 2 : 0;
    const length = end + 2 + body;
    if (this.#rest.length < length) return null;
    const bytes = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length);
    return { verb, bytes };
  }
}

/** Its subject: the second word. */
export const subjectOf = ({ bytes }: Frame): string =>
  bytes.subarray(0, 512).toString('latin1').split(' ', 2)[1] ?? '';
