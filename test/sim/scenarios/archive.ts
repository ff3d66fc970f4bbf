/** Files things by durable tasks: begun once, finished whatever falls, and never done again. */
import { type ActorDefinition, accept, openJournal } from '../../../runtime/index.ts';
import type { Life, World } from '../../../runtime/simulation/index.ts';
import {
  type DurableTasks,
  durableTasks,
  outcomeOf,
  pause,
  sleep,
  type TaskScheduler,
  type TasksTurn,
  taskJournal,
  taskKind,
  tasks,
} from '../../../runtime/tasks/index.ts';
import type { SimEvent } from '../events.ts';

type SimLife = Life<SimEvent>;

const RECORDS = 7;
const STORE = 'tasks';

/** What the world knows of the work, whatever happens to the node. */
export interface Filing {
  count: number;
  /** Not known to be filed. */
  readonly open: Map<string, number>;
  readonly saved: Map<string, number>;
  readonly ended: Set<string>;
}
const filings = new WeakMap<World<SimEvent>, Filing>();
export function filingOf(world: World<SimEvent>): Filing {
  const known = filings.get(world) ?? { count: 0, open: new Map(), saved: new Map(), ended: new Set() };
  filings.set(world, known);
  return known;
}

interface State {
  readonly journal: Awaited<ReturnType<typeof openJournal>>['journal'];
  readonly scheduler: TaskScheduler;
  readonly durable: DurableTasks;
}
export type ArchiveMessage =
  | TasksTurn
  | { readonly type: 'file'; readonly id: string; readonly steps: number }
  | { readonly type: 'look' }
  | { readonly type: 'fall' };

export interface Pages {
  readonly id: string;
  readonly steps: number;
}

/** The work itself, for one life of the archive. */
function filing(life: SimLife, world: Filing, incarnation: number) {
  const random = life.ports.random.split(`filing ${incarnation}`);
  const underWay = new Set<string>();
  return taskKind<Pages, number, number>({
    name: 'filing',
    *run({ id, steps }, progress) {
      const from = progress.saved ?? 0;
      life.always('a task goes on from where it was', from >= (world.saved.get(id) ?? 0), `${id} at ${from}`);
      life.always('what has ended is not begun again', !world.ended.has(id), id);
      life.always('a task is one task', !underWay.has(id), id);
      underWay.add(id);
      if (from > 0) life.sometimes('a task went on after a fall');
      for (let step = from + 1; step <= steps; step++) {
        if (random.below(2) === 0) yield* sleep(random.below(30));
        else yield* pause();
        life.note({ kind: 'effect', on: `archive ${life.node.epoch}.${incarnation}`, id: `${id} ${step}` });
        yield* progress.save(step);
        if (life.alive) world.saved.set(id, step);
      }
      return steps;
    },
  });
}

export function archive(life: SimLife, world: Filing): ActorDefinition<State, ArchiveMessage> {
  let kind: ReturnType<typeof filing>;
  const { disk, processes, ports } = life;
  return {
    name: 'archive',
    async fresh(cx) {
      const { failPoints } = ports;
      const options = { disk, folder: '/tasks', processes, segmentBytes: 4_096, failPoints };
      const { journal } = await openJournal(options);
      try {
        const records = taskJournal(journal, RECORDS);
        const ids: string[] = [];
        for await (const { what, task } of records.read()) if (what === 'completed') ids.push(task);
        life.note({ kind: 'found', store: STORE, ids });
        const scheduler = tasks(cx, { sampleMs: 60_000 });
        kind = filing(life, world, cx.incarnation);
        return {
          journal,
          scheduler,
          durable: await durableTasks(cx, scheduler, { journal: records, kinds: [kind] }),
        };
      } catch (thrown) {
        await journal.close();
        throw thrown;
      }
    },
    decide: {
      'tasks.turn': ({ scheduler }, turn) => scheduler.turn(turn),
      file: ({ scheduler, durable }, { id, steps }) => {
        const task = durable.start(kind, id, { id, steps });
        scheduler.spawn(function* () {
          const end = yield* outcomeOf(task);
          life.always('what is filed is filed whole', end.kind === 'completed' && end.value === steps, id);
          if (!life.alive) return;
          if (!world.ended.has(id)) life.note({ kind: 'acknowledged', store: STORE, id });
          world.ended.add(id);
          world.open.delete(id);
        });
        return accept();
      },
      look: ({ durable }) => accept(durable.unfinished().length),
      fall: () => {
        throw new Error('the archive fell');
      },
    },
    stopped: ({ journal }) => journal.close(),
  };
}
