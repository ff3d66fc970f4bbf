/** An actor that writes down the numbers it was told. */
import { type ActorDefinition, accept } from '../../../runtime/index.ts';

export type SinkMessage =
  | { readonly type: 'add'; readonly n: number }
  | { readonly type: 'many' }
  | { readonly type: 'never' }
  | { readonly type: 'end' };

export const sink = (heard: number[], name = 'sink'): ActorDefinition<number[], SinkMessage> => ({
  name,
  fresh: () => heard,
  decide: {
    add: (all, { n }) => {
      all.push(n);
      return accept(n);
    },
    many: (all) => accept(all.length),
    never: () => new Promise(() => {}),
    end: (_all, _message, cx) => {
      cx.stop();
      return accept();
    },
  },
});

export const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
