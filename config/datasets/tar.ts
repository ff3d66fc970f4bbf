/** Takes named files out of a tar stream. Names in the archive never become paths: the caller says what it wants. */
import { EsperError } from '../../contracts/index.ts';

const BLOCK = 512;

/**
 * Reads on to the end and yields each wanted regular file whole. Links, folders and everything unasked for are passed over.
 *
 * @param wanted full names in the archive with the bytes each must have
 * @throws DATA_BAD_ARCHIVE when it is damaged, ends early, or a wanted file is missing or of another size
 */
export async function* readTar(
  chunks: AsyncIterable<Uint8Array>,
  wanted: Readonly<Record<string, number>>,
): AsyncGenerator<{ readonly name: string; readonly bytes: Uint8Array }> {
  const source = new BlockSource(chunks);
  const missing = new Map(Object.entries(wanted));
  while (missing.size > 0) {
    const at = source.position;
    const header = await source.take(BLOCK);
    if (header.every((byte) => byte === 0)) break;
    const { name, size, regular } = parseHeader(header, at);
    const expected = regular ? missing.get(name) : undefined;
    if (expected !== undefined && expected !== size)
      throw damaged(`${name} has ${size} bytes, not ${expected}`, at);
    if (expected !== undefined) yield { name, bytes: await source.take(size) };
    else await source.skip(size);
    if (expected !== undefined) missing.delete(name);
    await source.skip((BLOCK - (size % BLOCK)) % BLOCK);
  }
  if (missing.size > 0) throw damaged(`there is no ${[...missing.keys()].join(', ')}`, source.position);
}

function parseHeader(header: Uint8Array, at: number): { name: string; size: number; regular: boolean } {
  const text = (from: number, length: number) => {
    const field = header.subarray(from, from + length);
    const end = field.indexOf(0);
    return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
  };
  const octal = (from: number, length: number) => {
    const digits = text(from, length).trim();
    if (!/^[0-7]{1,11}$/.test(digits)) throw damaged('a header is not one', at);
    return Number.parseInt(digits, 8);
  };
  // The sum counts its own field as eight spaces.
  const sum = header.reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 32 : byte), 0);
  if (sum !== octal(148, 8)) throw damaged('the checksum of a header is wrong', at);
  const prefix = text(257, 5) === 'ustar' ? text(345, 155) : '';
  const type = header[156];
  return {
    name: prefix === '' ? text(0, 100) : `${prefix}/${text(0, 100)}`,
    size: octal(124, 12),
    regular: type === 0 || type === 0x30,
  };
}

/** Cuts a stream of chunks into pieces of the sizes asked for. */
class BlockSource {
  #chunks: AsyncIterator<Uint8Array>;
  #held: Uint8Array = new Uint8Array(0);
  position = 0;
  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }
  async take(size: number): Promise<Uint8Array> {
    const out = new Uint8Array(size);
    await this.#each(size, (piece, at) => out.set(piece, at));
    return out;
  }
  async skip(size: number): Promise<void> {
    await this.#each(size, () => {});
  }
  async #each(size: number, use: (piece: Uint8Array, at: number) => void): Promise<void> {
    for (let done = 0; done < size; ) {
      if (this.#held.length === 0) {
        const next = await this.#chunks.next();
        if (next.done) throw damaged('it ends in the middle', this.position);
        this.#held = next.value;
      }
      const piece = this.#held.subarray(0, size - done);
      use(piece, done);
      done += piece.length;
      this.position += piece.length;
      this.#held = this.#held.subarray(piece.length);
    }
  }
}

function damaged(what: string, offset: number): EsperError {
  return new EsperError('DATA_BAD_ARCHIVE', `the archive is damaged: ${what}`, { offset });
}
