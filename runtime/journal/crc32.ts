/** CRC-32 (IEEE), sixteen bytes a round: finds every single flipped bit and all but one in four billion worse accidents. */

/** Indexes stay below the length by construction, which the compiler cannot know. Two functions, so that each sees one kind of array. */
const look = (table: Int32Array, index: number) => table[index] as number;
const byteAt = (bytes: Uint8Array, index: number) => bytes[index] as number;

/** `TABLES[k][b]`: what byte `b` contributes when `k` more bytes follow it in the round. */
const TABLES = Array.from({ length: 16 }, () => new Int32Array(256));
const [t0, t1, t2, t3, t4, t5, t6, t7, t8, t9, t10, t11, t12, t13, t14, t15] = TABLES as Sixteen<Int32Array>;

for (let byte = 0; byte < 256; byte++) {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  t0[byte] = crc;
}
for (let byte = 0; byte < 256; byte++) {
  let crc = look(t0, byte);
  for (const table of TABLES.slice(1)) {
    crc = (crc >>> 8) ^ look(t0, crc & 255);
    table[byte] = crc;
  }
}

/**
 * @param seed checksum of what came before; bytes checked with one seed never pass with another
 * @returns the checksum of `bytes[from, to)`, unsigned
 * @see Kounavis and Berry, "Novel table lookup-based algorithms for high-performance CRC generation", 2008
 */
export function crc32(bytes: Uint8Array, from = 0, to = bytes.length, seed = 0): number {
  let crc = ~seed;
  let i = from;
  for (; i + 16 <= to; i += 16) {
    const word =
      crc ^
      (byteAt(bytes, i) |
        (byteAt(bytes, i + 1) << 8) |
        (byteAt(bytes, i + 2) << 16) |
        (byteAt(bytes, i + 3) << 24));
    crc =
      look(t15, word & 255) ^
      look(t14, (word >>> 8) & 255) ^
      look(t13, (word >>> 16) & 255) ^
      look(t12, word >>> 24) ^
      look(t11, byteAt(bytes, i + 4)) ^
      look(t10, byteAt(bytes, i + 5)) ^
      look(t9, byteAt(bytes, i + 6)) ^
      look(t8, byteAt(bytes, i + 7)) ^
      look(t7, byteAt(bytes, i + 8)) ^
      look(t6, byteAt(bytes, i + 9)) ^
      look(t5, byteAt(bytes, i + 10)) ^
      look(t4, byteAt(bytes, i + 11)) ^
      look(t3, byteAt(bytes, i + 12)) ^
      look(t2, byteAt(bytes, i + 13)) ^
      look(t1, byteAt(bytes, i + 14)) ^
      look(t0, byteAt(bytes, i + 15));
  }
  for (; i < to; i++) crc = (crc >>> 8) ^ look(t0, (crc ^ byteAt(bytes, i)) & 255);
  return ~crc >>> 0;
}

type Sixteen<T> = [T, T, T, T, T, T, T, T, T, T, T, T, T, T, T, T];
