/** Lets one fault happen to one node. */
import type { NodeFault } from './fault.ts';
import type { Happening } from './history.ts';
import type { SimulatedNode } from './node.ts';

export interface StrikePowers {
  crash(forMs: number, torn: boolean): void;
  kill(forMs: number): void;
  /** Its line to the broker is dead, or back. */
  line(dead: boolean): void;
  /** Each message takes the node `ms`; 0 makes it quick again. */
  slow(ms: number): void;
  /** Unless everything has been healed by then. */
  later(ms: number, then: () => void): void;
  sometimes(name: string): void;
}

export function strike<E extends Happening>(
  fault: NodeFault,
  node: SimulatedNode<E>,
  { crash, kill, line, slow, later, sometimes }: StrikePowers,
): void {
  const { life, storage } = node;
  switch (fault.kind) {
    case 'crash':
      crash(fault.forMs, fault.torn);
      break;
    case 'kill':
      kill(fault.forMs);
      break;
    case 'crash_at':
      node.crashAt(fault.point, fault.nth, () => {
        sometimes(`crashed at ${fault.point}`);
        crash(fault.forMs, true);
      });
      break;
    case 'pause':
      if (life === null) break;
      life.paused = true;
      later(fault.forMs, () => life.resume());
      break;
    case 'cut':
      line(true);
      later(fault.forMs, () => line(false));
      break;
    case 'slow':
      slow(fault.latencyMs);
      later(fault.forMs, () => slow(0));
      break;
    case 'disk_slow':
      node.latencyMs = fault.latencyMs;
      later(fault.forMs, () => {
        node.latencyMs = 0;
      });
      break;
    case 'disk_full':
      storage.capacity = used(node) + fault.freeBytes;
      later(fault.forMs, () => {
        storage.capacity = Number.POSITIVE_INFINITY;
      });
      break;
    case 'disk_error':
      storage.fail({ operation: fault.operation, nth: fault.nth, wrote: fault.wrote, code: 'DISK_FAILED' });
      break;
    case 'bit_flip':
      flip(node, fault);
      break;
    case 'wall_jump':
      life?.clock.jumpWall(fault.byMs);
      break;
    case 'drift':
      node.drift(fault.rate);
      later(fault.forMs, () => node.drift(1));
      break;
    case 'poke':
      life?.poke(fault.what, fault.by);
      break;
  }
}

function used<E extends Happening>({ storage }: SimulatedNode<E>): number {
  return [...storage.dump().values()].reduce((sum, { length }) => sum + length, 0);
}

/** One bit of one byte that is not zero: room laid out for later cannot age. */
function flip<E extends Happening>(
  { storage }: SimulatedNode<E>,
  at: { readonly under: string; readonly file: number; readonly byte: number; readonly bit: number },
): void {
  const files = [...storage.dump()]
    .filter(([path]) => path.startsWith(at.under))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const [path, bytes] = files[Math.floor(at.file * files.length)] ?? [];
  if (path === undefined || bytes === undefined) return;
  const written = [...bytes.keys()].filter((i) => bytes[i] !== 0);
  const byte = written[Math.floor(at.byte * written.length)];
  if (byte !== undefined) storage.flip(path, byte * 8 + at.bit);
}
