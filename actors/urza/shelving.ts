/** Urza at his shelf: what he reads from it, what he puts on it, and what he does when the disk fails. */
import { EsperError } from '../../contracts/index.ts';
import type { Cx } from '../../runtime/index.ts';
import type { UrzaEvent } from './behaviour.ts';
import { type Library, type Stock, withQuarantined } from './library.ts';
import type { Shelf } from './shelf.ts';

/** The hands of the actor that are used here. */
type Hands = Pick<Cx<never>, 'log' | 'metrics'>;

/** What came with him is on this node's shelf, too. */
export interface GivenShelved {
  readonly type: 'urza.given.shelved';
}

/** All that is there. A shelf that cannot be read is an empty one. */
export async function readShelf(cx: Hands, shelf: Shelf | null): Promise<Stock> {
  const contents = shelf && (await orDegraded(cx, 'read', () => shelf.load()));
  if (!contents) return { kernels: [], certificates: [], quarantine: [] };
  for (const file of contents.corrupted) {
    const code = 'URZA_FILE_CORRUPT';
    cx.log.write('warn', 'a file in the library is not what was written; set aside', { code, file });
    cx.metrics.count('esper_kernel_integrity_failures_total', 1, { kind: 'shelf' });
  }
  return contents;
}

/** Writes what these events add. */
export async function store(
  library: Library,
  events: readonly UrzaEvent[],
  shelf: Shelf | null,
  cx: Hands,
): Promise<void> {
  if (!shelf) return;
  await orDegraded(cx, 'write', async () => {
    for (const event of events) {
      if (event.kind === 'shelved') await shelf.putKernel({ kernel: event.kernel, parents: event.parents });
      if (event.kind === 'certified') {
        await shelf.putCertificate({ certificate: event.certificate, engine: event.engine });
      }
      if (event.kind === 'quarantined') {
        const { quarantine } = withQuarantined(library, event.found);
        await shelf.putQuarantine([...quarantine.values()]);
      }
    }
  });
}

/** A disk that fails costs the next run its head start and nothing else: the library goes on in memory, and says so. */
async function orDegraded<T>(cx: Hands, op: 'read' | 'write', work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (thrown) {
    if (!(thrown instanceof EsperError)) throw thrown;
    cx.log.write('error', `the library could not ${op} its shelf; it goes on in memory`, {
      code: thrown.code,
    });
    cx.metrics.count('esper_store_requests_total', 1, { store: 'urza', op, outcome: 'failed' });
    return null;
  }
}

/** Kernels are many files, and nobody waits for those: the library knows them already. */
export async function shelveGiven(
  { kernels, certificates, quarantine }: Stock,
  library: Library,
  shelf: Shelf | null,
  cx: Pick<Cx<GivenShelved>, 'log' | 'metrics' | 'job'>,
): Promise<void> {
  if (!shelf) return;
  if (quarantine.length > 0)
    await orDegraded(cx, 'write', () => shelf.putQuarantine([...library.quarantine.values()]));
  cx.job('shelve what was given', async (signal) => {
    await orDegraded(cx, 'write', async () => {
      for (const shelved of kernels) if (!signal.aborted) await shelf.putKernel(shelved);
      for (const shelved of certificates) if (!signal.aborted) await shelf.putCertificate(shelved);
    });
    return { type: 'urza.given.shelved' };
  });
}
