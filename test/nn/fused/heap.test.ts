/** Blocks above the programs of an engine: none lies on another, and what is in them stays, wherever they are moved. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEngine } from '../../../nn/fused/engine.ts';
import { Heap, type HeapBlock } from '../../../nn/fused/heap.ts';

const deed = fc.oneof(
  fc.record({ do: fc.constant('take' as const), bytes: fc.integer({ min: 1, max: 150_000 }) }),
  fc.record({ do: fc.constant('free' as const), which: fc.nat(20) }),
  fc.record({ do: fc.constant('raise' as const), by: fc.integer({ min: 1, max: 100_000 }) }),
);

describe('blocks above the programs of an engine', () => {
  it('keep what is in them and lie apart, whatever is taken, freed or needed by programs', () => {
    fc.assert(
      fc.property(fc.array(deed, { maxLength: 40 }), (deeds) => {
        const engine = createEngine({ bytes: 1_000, shared: false });
        const heap = new Heap(engine, () => {});
        let floor = 0;
        let mark = 0;
        const held: { block: HeapBlock; mark: number; last: number }[] = [];
        for (const one of deeds) {
          if (one.do === 'take') {
            const block = heap.take(one.bytes);
            for (const end of [0, one.bytes - 1]) engine.u8[block.at + end] = mark + 1;
            mark++;
            held.push({ block, mark, last: one.bytes - 1 });
          } else if (one.do === 'free') {
            for (const { block } of held.splice(one.which, 1)) block.free();
          } else {
            floor += one.by;
            heap.raise(floor);
            engine.u8.fill(255, floor - one.by, floor);
          }
          const places = held.map(({ block }) => block).sort((a, b) => a.at - b.at);
          places.forEach(({ at, bytes }, i) => {
            expect(at).toBeGreaterThanOrEqual(i === 0 ? floor : places[i - 1]!.at + places[i - 1]!.bytes);
            expect(at + bytes).toBeLessThanOrEqual(engine.bytes);
            expect(at % 64).toBe(0);
          });
          for (const { block, mark, last } of held)
            expect([engine.u8[block.at], engine.u8[block.at + last]]).toEqual([mark, mark]);
        }
      }),
    );
  });

  it('come back to where they were while nothing else has changed', () => {
    const heap = new Heap(createEngine({ bytes: 1_000, shared: false }), () => {});
    const [low, high] = [heap.take(1_000), heap.take(5_000)];
    const { at } = low;
    low.free();

    expect(heap.take(900).at).toBe(at);
    expect(heap.take(1_000).at).toBeGreaterThanOrEqual(high.at + high.bytes);
  });

  it('stay where they are when there is no room to move them to', () => {
    let most = Number.POSITIVE_INFINITY;
    const claim = (bytes: number) => {
      if (bytes > most) throw new Error('no room');
    };
    const engine = createEngine({ bytes: 1_000, shared: false });
    const heap = new Heap(engine, claim);
    const block = heap.take(200_000);
    engine.u8[block.at] = 7;
    most = engine.bytes;

    expect(() => heap.raise(100_000)).toThrow('no room');
    expect(engine.u8[block.at]).toBe(7);
    expect(() => heap.take(200_000)).toThrow('no room');
    block.free();
    expect(() => heap.raise(100_000)).not.toThrow();
  });
});
