/** Somebody outside the tree under test who watches its actors end, and notes of what. */
import { type ActorDefinition, accept, type Down, type Message } from '../../../runtime/index.ts';

interface Watch extends Message {
  readonly type: 'watch';
  readonly path: string;
}

/** Notes `top/a: killed` in `seen` for each watched incarnation that ends. */
export function witness(seen: string[]): ActorDefinition<null, Watch | Down> {
  return {
    name: 'witness',
    fresh: () => null,
    decide: {
      watch: (_state, { path }, cx) => {
        cx.watch(cx.ref(path));
        return accept();
      },
      'runtime.down': (_state, { path, reason }) => {
        seen.push(`${path}: ${reason.kind}`);
        return accept();
      },
    },
  };
}
