/** A tar archive of small files, as any tar can open it: nobody but its owner may read what comes out. */
import type { KeyFile } from './key-files.ts';

const BLOCK = 512;
const [FILE_MODE, FOLDER_MODE] = ['0000600', '0000700'];
/** Longest name the oldest form of a header can hold. */
const NAME = 100;

/** Folders first, so that they are made with their modes and not with those of whoever opens it. */
export function tarOf(files: readonly Pick<KeyFile, 'path' | 'text'>[]): Uint8Array {
  const folders = [
    ...new Set(files.filter(({ path }) => path.includes('/')).map(({ path }) => `${path.split('/')[0]}/`)),
  ];
  const entries = [
    ...folders.map((name) => header(name, 0, FOLDER_MODE, '5')),
    ...files.flatMap(({ path, text }) => {
      const bytes = new TextEncoder().encode(text);
      return [header(path, bytes.length, FILE_MODE, '0'), padded(bytes)];
    }),
    new Uint8Array(2 * BLOCK),
  ];
  return Uint8Array.from(Buffer.concat(entries));
}

/** @see POSIX.1-1988, ustar interchange format */
function header(name: string, size: number, mode: string, kind: '0' | '5'): Uint8Array {
  if (name.length > NAME) throw new RangeError(`${name} is too long for a tar header`);
  const block = new Uint8Array(BLOCK);
  const put = (at: number, text: string) => void block.set(new TextEncoder().encode(text), at);
  put(0, name);
  put(100, `${mode}\0`);
  put(108, '0000000\0');
  put(116, '0000000\0');
  put(124, `${size.toString(8).padStart(11, '0')}\0`);
  put(136, '00000000000\0');
  put(148, ' '.repeat(8));
  put(156, kind);
  put(257, 'ustar\x0000');
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(148, `${sum.toString(8).padStart(6, '0')}\0 `);
  return block;
}

function padded(bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array(Math.ceil(bytes.length / BLOCK) * BLOCK);
  whole.set(bytes);
  return whole;
}
