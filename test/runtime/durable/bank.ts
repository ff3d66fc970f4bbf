/** A toy bank: accounts that send each other money by messages, a teller who makes them fall, and an auditor. */
import { type RandomStream, randomStream } from '../../../contracts/random-stream.ts';
import {
  type ActorDefinition,
  accept,
  type Checkpoints,
  refuse,
  type SupervisorSpec,
  supervisor,
  worker,
} from '../../../runtime/index.ts';
import { startWorld } from '../support/world.ts';

export type AccountMessage =
  | { readonly type: 'transfer'; readonly to: string; readonly amount: number }
  | { readonly type: 'credit'; readonly amount: number }
  | { readonly type: 'credit_slowly'; readonly amount: number }
  | { readonly type: 'balance' }
  | { readonly type: 'crash'; readonly fuse: Fuse };

/** Blows once: the message that crashed its actor is handled again in the next life. */
export interface Fuse {
  blown: boolean;
}

export interface Moved {
  readonly by: number;
}

export const OPENING = 100;

/** Sends what it is asked to send at once; some credits take their time. */
export function account(name: string, bank: string): ActorDefinition<number, AccountMessage, Moved> {
  return {
    name,
    mailbox: { capacity: 10_000, whenFull: 'refuse' },
    fresh: () => OPENING,
    decide: {
      transfer: (balance, { to, amount }, cx) => {
        if (balance < amount) return refuse('ACCOUNT_TOO_LOW', { balance, amount });
        const type = amount % 2 === 0 ? 'credit' : 'credit_slowly';
        cx.ref<AccountMessage>(`${bank}/${to}`).send({ type, amount });
        return accept(undefined, { by: -amount });
      },
      credit: (_balance, { amount }) => accept(undefined, { by: amount }),
      credit_slowly: async (_balance, { amount }) => {
        for (let turn = 0; turn < 5; turn++) await Promise.resolve();
        return accept(undefined, { by: amount });
      },
      balance: (balance) => accept(balance),
      crash: (_balance, { fuse }) => {
        if (fuse.blown) return accept();
        fuse.blown = true;
        throw new Error(`${name} fell`);
      },
    },
    evolve: (balance, { by }) => balance + by,
    rollback: {
      capture: (balance) => balance,
      restore: (_balance, saved) => saved as number,
      release: () => {},
      digest: (saved) => String(saved),
    },
  };
}

export function bankOf(names: readonly string[]): SupervisorSpec {
  const children = names.map((name) => worker(account(name, 'top/bank')));
  return supervisor(
    'bank',
    { strategy: 'one_for_all', intensity: 1_000, periodMs: 60_000, onFailure: 'rollback' },
    children,
  );
}

/** How the bank makes its checkpoints. */
export type Photographer = (checkpoints: Checkpoints) => unknown;

export interface Day {
  /** Sums found whenever the bank was at rest. */
  readonly sums: readonly number[];
  readonly crashes: number;
  readonly checkpoints: number;
  /** Messages under way that some checkpoint held. */
  readonly mail: number;
}

/** One seeded day of transfers, checkpoints and crashes, in any order and at any moment. */
export async function dayAt(seed: number, photographer: Photographer): Promise<Day> {
  const random = randomStream(seed);
  const names = ['ada', 'bob', 'cem', 'dot'].slice(0, 2 + random.below(3));
  const { system, clock } = await startWorld([bankOf(names)]);
  const handle = system.supervisor('top/bank').checkpoints();
  if ('refused' in handle) throw new Error(handle.refused);
  const someone = () => names[random.below(names.length)] as string;
  const tell = (message: AccountMessage, to = someone()) =>
    system.ref<AccountMessage>(`top/bank/${to}`).send(message);
  const [sums, pending, fuses]: [number[], Promise<unknown>[], Fuse[]] = [[], [], []];
  let [crashes, checkpoints, mail] = [0, 0, 0];
  for (let first = 0; first < 3; first++) await photographer(handle);
  for (let deed = 0; deed < 60; deed++) {
    const lot = random.below(20);
    if (lot < 12) tell({ type: 'transfer', to: someone(), amount: 1 + random.below(30) });
    else if (lot < 14) {
      if (!mayFall(handle, fuses)) continue;
      const fuse = { blown: false };
      fuses.push(fuse);
      tell({ type: 'crash', fuse });
      crashes++;
    } else if (lot < 17) {
      checkpoints++;
      pending.push(Promise.resolve(photographer(handle)).catch(ignoreLate));
    } else if (lot === 17) {
      await clock.settle();
      sums.push(total(names, system));
    } else await turns(random);
    mail += handle.list().reduce((sum, entry) => sum + (entry.mail ?? 0), 0);
  }
  await clock.settle();
  await Promise.all(pending);
  sums.push(total(names, system));
  await system.stop();
  return { sums, crashes, checkpoints, mail };
}

type World = Awaited<ReturnType<typeof startWorld>>;

const total = (names: readonly string[], system: World['system']): number =>
  names
    .map(
      (name) => system.ref<AccountMessage>(`top/bank/${name}`).callNow<number>({ type: 'balance' }) as number,
    )
    .reduce((sum, balance) => sum + balance - OPENING, 0);

async function turns(random: RandomStream): Promise<void> {
  for (let left = random.below(12); left > 0; left--) await Promise.resolve();
}

/** Each fall costs a checkpoint at most; a bank without any starts afresh, which is another story. */
function mayFall(checkpoints: Checkpoints, fuses: readonly Fuse[]): boolean {
  const trusted = checkpoints.list().filter(({ quarantined }) => !quarantined).length;
  return trusted - fuses.filter(({ blown }) => !blown).length >= 2;
}

/** A barrier that a crash overtook made no checkpoint, and that is as it should be. */
function ignoreLate(error: { readonly code?: string }): void {
  if (error.code !== 'ROLLBACK_BARRIER_LATE') throw error;
}
