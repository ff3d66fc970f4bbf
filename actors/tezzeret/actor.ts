/** Tezzeret compiles: blueprints go in, content-addressed kernels come out, or a reason why not. */
import { type BlueprintProposed, TOPICS } from '../../contracts/index.ts';
import type { Bus } from '../../runtime/index.ts';
import { accept, defineActor } from '../../runtime/local.ts';
import { givenAs, type StateWanted } from '../state-wanted.ts';
import { evolve, forge, type TezzeretEvent } from './behaviour.ts';
import { type Breaker, closed } from './breaker.ts';
import type { Toolchain } from './fast-tier.ts';
import { packed, TezzeretGiven, unpacked } from './given.ts';
import { type TezzeretOptions, tezzeretOptions } from './options.ts';

export interface TezzeretArgs {
  readonly bus: Bus;
  readonly tools: Toolchain;
  readonly options?: Partial<TezzeretOptions>;
  /** How things stood on the node he came from, unchecked. */
  readonly given?: unknown;
}

interface TezzeretState {
  readonly breaker: Breaker;
  readonly args: TezzeretArgs;
  readonly options: TezzeretOptions;
}

export const tezzeret = defineActor<
  TezzeretState,
  BlueprintProposed | StateWanted,
  TezzeretEvent,
  TezzeretArgs
>({
  name: 'tezzeret',
  mailbox: { capacity: 100, whenFull: 'refuse' },
  fresh: (cx, args) => ({
    breaker:
      args.given === undefined
        ? closed
        : unpacked(givenAs(TezzeretGiven, 'tezzeret', args.given), cx.nowMs()),
    args,
    options: { ...tezzeretOptions, ...args.options },
  }),
  decide: {
    'karn.blueprint.proposed': ({ breaker, args, options }, proposed, cx) => {
      const { news, event } = forge(breaker, proposed, args.tools, options, () => cx.nowMs());
      if (news.type === 'tezzeret.kernel.compiled') {
        args.bus.publish(TOPICS.kernelCompiled, news);
        cx.metrics.observe('esper_compilation_duration_seconds', news.kernel.compileMs / 1000, {
          pipeline: news.kernel.pipeline,
          outcome: 'ok',
        });
      } else {
        args.bus.publish(TOPICS.blueprintRejected, news, 1);
        cx.metrics.count('esper_blueprints_rejected_total');
      }
      return event ? accept(undefined, event) : accept();
    },
    'unit.state.wanted': ({ breaker }, _, cx) => accept(packed(breaker, cx.nowMs())),
  },
  evolve: (state, event) => ({ ...state, breaker: evolve(state.breaker, event) }),
});
