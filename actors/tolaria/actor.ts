/** Tolaria owns the training run: steps, boundaries, checkpoints, the last word on stability. */
import { EsperError, type RunEnded, toFailure } from '../../contracts/index.ts';
import type { RateState } from '../../nn/index.ts';
import type { Cx, RolledBack } from '../../runtime/index.ts';
import { accept, defineActor, isRefusal, refuse } from '../../runtime/local.ts';
import type { Neighbours, TolariaArgs } from './deps.ts';
import { finish } from './finish.ts';
import type { RunState } from './run-state.ts';
import { type LoopEnd, type Told, Trainer } from './trainer.ts';

export type TolariaMessage =
  | { readonly type: 'tolaria.begin' }
  | { readonly type: 'tolaria.stop' }
  | { readonly type: 'tolaria.pause' }
  | { readonly type: 'tolaria.resume' }
  | { readonly type: 'tolaria.checkpoint' }
  | { readonly type: 'tolaria.loop_ended'; readonly end: LoopEnd }
  | { readonly type: 'tolaria.diverged'; readonly error: EsperError }
  | {
      readonly type: 'tolaria.closed';
      readonly ended: RunEnded;
      readonly files: Readonly<Record<string, string>>;
    }
  | RolledBack;

interface Resident {
  readonly trainer: Trainer;
  readonly args: TolariaArgs;
}

/** What goes back with a rollback: counters and rates; the weights are Kasmina's. */
interface Cut {
  readonly state: RunState;
  readonly rates: RateState;
}

export const tolaria = defineActor<Resident, TolariaMessage, never, TolariaArgs>({
  name: 'tolaria',
  fresh(cx, args) {
    const trainer: Trainer = new Trainer(args, {
      neighbours: neighbours(cx),
      rollback: (reason, blame) => cx.rollback(reason, { blame, atStep: trainer.state.step }),
      capture: (meta) => void cx.checkpoints().capture(meta),
    });
    cx.self.send({ type: 'tolaria.begin' });
    return { trainer, args };
  },
  decide: {
    'tolaria.begin': (resident, _, cx) => {
      loop(resident, cx);
      return accept();
    },
    'tolaria.stop': ({ trainer }) => {
      trainer.requestStop();
      return accept();
    },
    'tolaria.pause': ({ trainer }) => accept(trainer.halt.close()),
    'tolaria.resume': ({ trainer }) => accept(trainer.halt.open()),
    'tolaria.checkpoint': async ({ trainer }) => {
      try {
        await trainer.save();
        return accept(trainer.state.boundary - 1);
      } catch (error) {
        return refuse('TOLARIA_CHECKPOINT_FAILED', { why: toFailure(error).message });
      }
    },
    'tolaria.loop_ended': (resident, { end }, cx) => {
      if (end === 'aborted') return accept();
      cx.job('finish', async () => ({
        type: 'tolaria.closed',
        ...(await finish(resident.trainer, resident.args, end)),
      }));
      return accept();
    },
    'tolaria.diverged': ({ args }, { error }, cx) => {
      args.failed(error);
      cx.stop();
      return accept();
    },
    'tolaria.closed': ({ args }, { ended, files }, cx) => {
      args.closed(ended, files);
      cx.stop();
      return accept();
    },
    'runtime.rolled_back': (resident, { outcome, reason, details }, cx) => {
      resident.trainer.recover(outcome, reason, (details ?? {}) as Told);
      loop(resident, cx);
      return accept();
    },
  },
  rollback: {
    capture: ({ trainer, args }): Cut => ({
      state: structuredClone(trainer.state),
      rates: args.rates.save(),
    }),
    restore(resident, saved) {
      const cut = saved as Cut;
      resident.trainer.lastStep = resident.trainer.state.step;
      resident.trainer.life.goBack();
      resident.trainer.state = structuredClone(cut.state);
      resident.args.rates.load(cut.rates);
      return resident;
    },
    release: () => {},
  },
});

function loop({ trainer }: Resident, cx: Cx<TolariaMessage>): void {
  cx.job('training', (signal) =>
    trainer.run(signal).then((end): TolariaMessage => ({ type: 'tolaria.loop_ended', end }), diverged),
  );
}

/** Going back would only lead here again: a divergence ends the run. Everything else is the supervisor's business. */
function diverged(error: unknown): TolariaMessage {
  if (error instanceof EsperError && error.code === 'TOLARIA_DIVERGED')
    return { type: 'tolaria.diverged', error };
  throw error;
}

/** The co-location group by direct call: no mailbox, no serialisation, no wait. */
function neighbours(cx: Cx<TolariaMessage>): Neighbours {
  const group = cx.path.slice(0, cx.path.lastIndexOf('/'));
  const call =
    <M extends { readonly type: string }>(name: string) =>
    <R>(message: M): R => {
      const reply = cx.ref<M>(`${group}/${name}`).callNow<R>(message);
      if (isRefusal(reply))
        throw new EsperError(reply.refused, `${name} refused ${message.type}`, reply.details);
      return reply;
    };
  return { kasmina: call('kasmina'), tamiyo: call('tamiyo') };
}
