/** Customers of the cluster: they outlive every node, order anywhere, and order again until they hear yes. */
import { type ActorSystem, remotePath } from '../../../runtime/index.ts';
import type { Life, World } from '../../../runtime/simulation/index.ts';
import type { SimEvent } from '../events.ts';
import { between, codeOf, keepDoing, oneOf } from '../support.ts';
import type { ShopMessage } from './shop.ts';

export type SimLife = Life<SimEvent>;
/** What an actor of these stories needs of the life it is part of: a real process can give it too. */
export type ActingLife = Pick<
  SimLife,
  'node' | 'ports' | 'note' | 'always' | 'sometimes' | 'worldMs' | 'alive' | 'paused'
>;
export const NODES: readonly string[] = ['n1', 'n2', 'n3'];
export const LOAD_MS = 5_500;

interface Order {
  readonly id: string;
  readonly amount: number;
  readonly shop: string;
}

interface Customer {
  count: number;
  readonly open: Map<string, Order>;
  readonly amounts: Map<string, number>;
}

const customers = new WeakMap<World<SimEvent>, Customer>();

export function customerOf(world: World<SimEvent>): Customer {
  const known = customers.get(world) ?? { count: 0, open: new Map(), amounts: new Map() };
  customers.set(world, known);
  return known;
}

/** Orders and letters from one life of a node to shops and sinks anywhere. */
export function serve(life: SimLife, customer: Customer, system: ActorSystem): void {
  const random = life.ports.random.split('customers');
  const from = `${life.node.name}/${life.node.epoch}`;
  const sent = new Map<string, number>();
  let tries = 0;
  const order = ({ id, amount, shop }: Order) => {
    const question = `${from} ${++tries}`;
    const withinMs = between(random, 20, 1_500);
    life.note({ kind: 'asked', id: question, withinMs });
    const settled = (how: string) => {
      life.note({ kind: 'settled', id: question, how });
      life.sometimes(`an order failed: ${how}`);
    };
    const ref = system.ref<ShopMessage>(remotePath(shop, 'esper/shop'));
    ref.ask({ type: 'order', id, amount }, { withinMs }).then(
      () => {
        settled('yes');
        if (!life.alive) return;
        life.note({ kind: 'acknowledged', store: shop, id });
        customer.open.delete(id);
      },
      (error) => settled(codeOf(error)),
    );
  };
  const letter = () => {
    const to = oneOf(random, NODES);
    const n = (sent.get(to) ?? 0) + 1;
    sent.set(to, n);
    system.ref(remotePath(to, 'esper/sink')).send({ type: 'letter', from, n } as { type: string });
  };
  keepDoing(
    life.ports.clock,
    () => random.below(160),
    () => {
      for (let left = random.below(4); left > 0; left--) letter();
      const waiting = [...customer.open.values()];
      if (waiting.length > 3 && random.below(2) === 0) {
        order(oneOf(random, waiting));
      } else {
        const made = {
          id: `o${++customer.count}`,
          amount: between(random, 1, 100),
          shop: oneOf(random, NODES),
        };
        customer.open.set(made.id, made);
        customer.amounts.set(made.id, made.amount);
        order(made);
      }
      return life.worldMs() < LOAD_MS;
    },
  );
}
