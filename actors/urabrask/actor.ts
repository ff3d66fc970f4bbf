/** Urabrask tests kernels to destruction, one at a time, where they can do no harm. */
import { type KernelReady, TOPICS } from '../../contracts/index.ts';
import type { Bus } from '../../runtime/index.ts';
import { accept, defineActor } from '../../runtime/local.ts';
import { characterize } from './jobs.ts';
import { type Limits, limits } from './options.ts';
import type { ProbeBench } from './readings.ts';

export interface UrabraskArgs {
  readonly bus: Bus;
  readonly bench: ProbeBench;
  readonly limits?: Partial<Limits>;
}

/**
 * The kernel is measured within its own message, not beside it: the sender's delivery stays open until the certificate
 * is out, so a crash on the bench costs no kernel, and timings never overlap.
 */
export const urabrask = defineActor<UrabraskArgs, KernelReady, never, UrabraskArgs>({
  name: 'urabrask',
  mailbox: { capacity: 25, whenFull: 'refuse' },
  fresh: (_, args) => args,
  decide: {
    'urza.kernel.ready': async (args, ready, cx) => {
      const news = await characterize(args.bench, ready, { ...limits, ...args.limits });
      args.bus.publish(TOPICS.kernelCharacterized, news);
      const { verdict, hazardBand } = news.certificate;
      cx.metrics.count('esper_kernels_characterized_total', 1, { verdict, band: hazardBand });
      return accept({ verdict });
    },
  },
});
