/** The other process: hears everything, and tells how many and how late when it is asked. */
import { fileURLToPath } from 'node:url';
import { nowMs } from '../sampling.ts';
import { answerBare } from './bare.ts';
import { openBenchNode, PACED, SAMPLES, type Sample } from './node.ts';

/** What the peer tells. Times are milliseconds of the machine's one monotonic clock. */
export interface PeerReport {
  readonly heard: number;
  readonly lastMs: number;
  readonly latenciesMs: readonly number[];
}

/** Latencies kept, evenly over the run. */
const KEPT = 100_000;

async function main(url: string): Promise<void> {
  const { bus, close } = await openBenchNode('there', url);
  const endBare = await answerBare(url);
  let heard = 0;
  let lastMs = 0;
  let latenciesMs: number[] = [];
  bus.subscribe(SAMPLES, () => {
    heard++;
    lastMs = nowMs();
  });
  bus.subscribe(PACED, ({ body }) => {
    heard++;
    lastMs = nowMs();
    if (latenciesMs.length < KEPT || heard % 16 === 0) latenciesMs.push(lastMs - (body as Sample).atMs);
  });
  process.on('message', (asked) => {
    if (asked === 'end') {
      void Promise.all([close(), endBare()]).then(() => process.exit(0));
      return;
    }
    process.send?.({ heard, lastMs, latenciesMs } satisfies PeerReport);
    if (asked === 'reset') {
      heard = 0;
      latenciesMs = [];
    }
  });
  process.send?.('ready');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv[2] ?? '');
