/** The actor most runtime tests tell stories about: it counts, and falls when told to. */
import { type ActorDefinition, accept, refuse, type StopReason } from '../../../runtime/index.ts';

export type CounterMessage =
  | { readonly type: 'add'; readonly by: number }
  | { readonly type: 'get' }
  | { readonly type: 'slowly' }
  | { readonly type: 'crash' }
  | { readonly type: 'finish' }
  | { readonly type: 'no' };

export interface CounterEvent {
  readonly added: number;
}

/** @param diary where starts and ends are noted: `a starts`, `a ends (normal)` */
export function counter(
  name: string,
  diary: string[] = [],
): ActorDefinition<number, CounterMessage, CounterEvent> {
  return {
    name,
    fresh() {
      diary.push(`${name} starts`);
      return 0;
    },
    decide: {
      add: (_count, { by }) => accept(undefined, { added: by }),
      get: (count) => accept(count),
      slowly: async (count) => {
        await Promise.resolve();
        await Promise.resolve();
        return accept(count + 1, { added: 1 });
      },
      crash: () => {
        throw new Error(`${name} fell`);
      },
      finish: (_count, _message, cx) => {
        cx.stop();
        return accept();
      },
      no: () => refuse('COUNTER_SAYS_NO', { name }),
    },
    evolve: (count, { added }) => count + added,
    stopped(_count: number, { kind }: StopReason) {
      diary.push(`${name} ends (${kind})`);
    },
  };
}
