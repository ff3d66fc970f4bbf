/** A bank with rollback: accounts talk by messages, one crashes, and the whole group returns to one consistent moment. */
import { accept, type Cx, defineActor, refuse, supervisor, worker } from 'esper/runtime';
import { startOnNode } from 'esper/runtime/node';

type AccountMessage =
  | { readonly type: 'transfer'; readonly to: string; readonly amount: number }
  | { readonly type: 'receive'; readonly amount: number }
  | { readonly type: 'balance' }
  | { readonly type: 'checkpoint' }
  | { readonly type: 'checkpointed' }
  | { readonly type: 'break' };

interface Account {
  balance: number;
}

const account = (name: string) =>
  defineActor<Account, AccountMessage>({
    name,
    fresh: () => ({ balance: 100 }),
    decide: {
      transfer: (state, { to, amount }, cx: Cx<AccountMessage>) => {
        if (state.balance < amount) return refuse('ACCOUNT_TOO_POOR', { balance: state.balance });
        state.balance -= amount;
        // Until this arrives, the money is in neither account: it is in the mail.
        cx.ref<AccountMessage>(`bank/${to}`).send({ type: 'receive', amount });
        return accept('sent');
      },
      receive: (state, { amount }) => {
        state.balance += amount;
        return accept();
      },
      balance: (state) => accept(state.balance),
      checkpoint: (_, __, cx) => {
        // The barrier waits until nobody is in the middle of something, and copies the mail along with the accounts.
        cx.job('checkpoint', async () => {
          await cx.checkpoints().barrier('a good moment');
          return { type: 'checkpointed' };
        });
        return accept();
      },
      checkpointed: () => {
        console.log('checkpoint taken');
        return accept();
      },
      break: (state) => {
        state.balance = Number.NaN;
        throw new Error('the books of bob are ruined');
      },
    },
    rollback: {
      capture: ({ balance }) => balance,
      restore: (state, saved) => Object.assign(state, { balance: saved as number }),
      release: () => {},
    },
  });

const names = ['ann', 'bob', 'cy'] as const;
const tree = supervisor(
  'bank',
  { strategy: 'one_for_all', intensity: 5, periodMs: 60_000, onFailure: 'rollback' },
  names.map((name) => worker(account(name))),
);
const system = await startOnNode(tree);
const of = (name: string) => system.ref<AccountMessage>(`bank/${name}`);
const within = { withinMs: 1_000 };

async function books(when: string): Promise<void> {
  const balances = await Promise.all(names.map((name) => of(name).ask<number>({ type: 'balance' }, within)));
  const sum = balances.reduce((all, one) => all + one, 0);
  console.log(`${when}: ${names.map((name, i) => `${name} ${balances[i]}`).join(', ')}; together ${sum}`);
}

await books('opening');
await of('ann').ask({ type: 'transfer', to: 'bob', amount: 30 }, within);
of('ann').send({ type: 'checkpoint' });
await new Promise((settled) => setTimeout(settled, 50));
await of('bob').ask({ type: 'transfer', to: 'cy', amount: 80 }, within);
await books('after two transfers');
await of('bob')
  .ask({ type: 'break' }, within)
  .catch((error: Error) => console.log(error.message));
await books('after the crash, back at the checkpoint');
await system.stop();
