/** What stands behind the last good record is judged the same way in new files and in used ones, as far as can be known. */
import { describe, expect, it } from 'vitest';
import { encodeRecord, RECORD_HEADER, sealRecords } from '../../../runtime/journal/record.ts';
import { newHeader, SEGMENT_HEADER, viewOf } from '../../../runtime/journal/segment.ts';
import { judgeTail } from '../../../runtime/journal/tail.ts';

const BODY = 300;
const SIZE = 8192;

/** A file of `SIZE` bytes with one write of ten records; a used file shows the bytes of another segment elsewhere. */
function written(reused: boolean, background: number) {
  const header = newHeader(3, 50, reused);
  const records = new Uint8Array(10 * (RECORD_HEADER + BODY));
  for (let i = 0; i < 10; i++) {
    encodeRecord(viewOf(records), i * 320, 50 + i, 1, i, new Uint8Array(BODY).fill(i + 1), false);
  }
  sealRecords(records, viewOf(records), header.salt);
  const bytes = new Uint8Array(SIZE).fill(background, SEGMENT_HEADER);
  bytes.set(records, SEGMENT_HEADER);
  return { bytes, header };
}
/** The record that begins at or before an offset, where reading has to stop when that byte is bad. */
const standingAt = (offset: number) => {
  const at = Math.floor((offset - SEGMENT_HEADER) / 320);
  return { end: SEGMENT_HEADER + at * 320, sequence: 50 + at };
};

describe.each([
  ['a new file', false, 0],
  ['a used file', true, 0xa5],
] as const)('the tail of %s', (_, reused, background) => {
  const judge = (change: (bytes: Uint8Array) => void, at: { end: number; sequence: number }) => {
    const { bytes, header } = written(reused, background);
    change(bytes);
    return judgeTail(bytes, at.end, at.sequence, header).kind;
  };
  const behind = { end: SEGMENT_HEADER + 3200, sequence: 60 };

  it('is room when nothing was begun', () => {
    expect(judge(() => {}, behind)).toBe(reused ? 'stale' : 'clean');
  });

  it('is a torn write when a sector of the last write shows what was there before', () => {
    for (const sector of [1, 2, 3, 4, 5]) {
      const lost = standingAt(sector * 512);
      const kind = judge((bytes) => bytes.fill(background, sector * 512, (sector + 1) * 512), lost);

      expect([sector, kind]).toEqual([sector, 'torn']);
    }
  });

  it('is damage when later writes stand behind it', () => {
    const { bytes, header } = written(reused, background);
    const view = viewOf(bytes);
    for (let i = 0; i < 10; i++) {
      const at = SEGMENT_HEADER + i * 320;
      view.setUint16(at + 18, 0, true); // each a write of its own
    }
    sealRecords(
      bytes.subarray(SEGMENT_HEADER, SEGMENT_HEADER + 3200),
      viewOf(bytes.subarray(SEGMENT_HEADER, SEGMENT_HEADER + 3200)),
      header.salt,
    );
    bytes.fill(background, 1024, 1536);

    expect(judgeTail(bytes, standingAt(1024).end, standingAt(1024).sequence, header).kind).toBe('corrupt');
  });

  it('is damage when the next record is good and no sector ends between them', () => {
    const first = { end: SEGMENT_HEADER, sequence: 50 };

    // 32 to 352 lies within the first sector, which the good record behind it proves to be there
    expect(judge((bytes) => void bytes.set([1, 2, 3], 100), first)).toBe('corrupt');
  });
});
