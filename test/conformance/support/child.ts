/** The child all rows tell about: it ends in the way it is told to, and writes down how its lives went. */
import {
  type ActorDefinition,
  accept,
  type Decide,
  type Exit,
  ignore,
  type StopReason,
} from '../../../runtime/index.ts';

/** Ways to end by itself; `shutdown` may say why. */
export type Way = 'normal' | 'shutdown' | 'shutdown, with a why' | 'crash';

export type ChildMessage =
  | { readonly type: 'end'; readonly way: Way }
  | { readonly type: 'get' }
  | { readonly type: 'hang' }
  /** Ends in `way` once `when` is there, in the middle of a handler. */
  | { readonly type: 'later'; readonly when: Promise<unknown>; readonly way: Way };

/** How one call of `fresh` goes. */
type Start = 'well' | 'badly' | 'ignored';

/** How the starts of a child go, one after the other; the last word holds for all that follow. */
export interface Script {
  course: readonly Start[];
  /** Calls of `fresh` so far, failed ones included. */
  starts: number;
}

export const script = (...course: readonly Start[]): Script => ({ course, starts: 0 });

type Child = ActorDefinition<number, ChildMessage, never, unknown>;

/**
 * @param diary gets `a starts` and `a ends (normal)`; a start that fails is noted as `a fails to start`
 * @param plan how its starts go
 */
export function child(name: string, diary: string[] = [], plan: Script = script()): Child {
  return {
    name,
    fresh(cx) {
      plan.starts++;
      const [start = 'well', ...later] = plan.course;
      if (later.length > 0) plan.course = later;
      if (start === 'badly') {
        diary.push(`${name} fails to start`);
        throw new Error(`${name} cannot start`);
      }
      if (start === 'ignored') return ignore;
      diary.push(`${name} starts`);
      return cx.incarnation;
    },
    decide: {
      get: (incarnation) => accept(incarnation),
      ...ending(name),
    },
    stopped(_incarnation: number, { kind }: StopReason) {
      diary.push(`${name} ends (${kind})`);
    },
  };
}

/** Remembers what it was started with and answers with it. */
export function keeper(
  name = 'keeper',
): ActorDefinition<{ readonly args: unknown }, ChildMessage, never, unknown> {
  return {
    name,
    fresh: (_cx, args) => ({ args }),
    decide: { get: ({ args }) => accept(args), ...ending(name) },
  };
}

/** How any child ends, whatever its state. */
function ending(name: string): Omit<Decide<unknown, ChildMessage, never>, 'get'> {
  return {
    end: (_state, { way }, cx) => {
      if (way === 'crash') cx.fail(new Error(`${name} fell`));
      else cx.stop(reasonOf(way));
      return accept();
    },
    later: async (_state, { when, way }, cx) => {
      await when;
      if (way === 'crash') throw new Error(`${name} fell`);
      cx.stop(reasonOf(way));
      return accept();
    },
    hang: () => new Promise<never>(() => {}),
  };
}

function reasonOf(way: Exclude<Way, 'crash'>): Exit {
  if (way === 'normal') return { kind: 'normal' };
  return { kind: 'shutdown', why: way === 'shutdown' ? '' : 'work done' };
}

export const ways: readonly Way[] = ['normal', 'shutdown', 'shutdown, with a why', 'crash'];
