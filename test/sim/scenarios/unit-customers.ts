/** Customers of placed units: they count anywhere, again and again until they hear yes, and write letters that nobody answers. */
import { type ActorSystem, placedRef } from '../../../runtime/index.ts';
import type { World } from '../../../runtime/simulation/index.ts';
import type { SimEvent } from '../events.ts';
import { between, codeOf, keepDoing, oneOf, sleep } from '../support.ts';
import type { CounterMessage, SimLife } from './counters.ts';

interface Customer {
  count: number;
  readonly open: Map<string, { readonly id: string; readonly unit: string }>;
}
const customers = new WeakMap<World<SimEvent>, Customer>();

const lastNode = new WeakMap<World<SimEvent>, Map<string, string>>();

/** Customers of one life of a node. @param names units @param untilMs of the world: then they go home */
export function countAndWrite(
  life: SimLife,
  world: World<SimEvent>,
  system: ActorSystem,
  { names, untilMs }: { readonly names: readonly string[]; readonly untilMs: number },
): void {
  const customer = customers.get(world) ?? { count: 0, open: new Map() };
  customers.set(world, customer);
  const before = lastNode.get(world) ?? new Map<string, string>();
  lastNode.set(world, before);
  const random = life.ports.random.split('customers');
  const add = ({ id, unit }: { readonly id: string; readonly unit: string }) => {
    const ref = placedRef<CounterMessage>(system, unit);
    ref.ask({ type: 'add', id }, { withinMs: between(random, 100, 1_500) }).then(
      () => {
        if (!life.alive) return;
        life.note({ kind: 'acknowledged', store: unit, id });
        customer.open.delete(id);
      },
      (error) => life.sometimes(`a count failed: ${codeOf(error)}`),
    );
  };
  const look = async (unit: string) => {
    try {
      const ref = placedRef<CounterMessage>(system, unit);
      const { node } = await ref.ask<{ readonly node: string }>({ type: 'look' }, { withinMs: 300 });
      if ((before.get(unit) ?? node) !== node) life.sometimes('a unit ran on another node than before');
      before.set(unit, node);
    } catch (thrown) {
      life.sometimes(`a look failed: ${codeOf(thrown)}`);
    }
    await sleep(life.ports.clock, 0);
  };
  const from = `${life.node.name}/${life.node.epoch}`;
  const written = new Map<string, number>();
  /** Some at once, some one after the other: what follows must not overtake what is sent back. */
  const write = (unit: string, letters: number, pauseMs: number) => {
    const n = (written.get(unit) ?? 0) + 1;
    written.set(unit, n);
    placedRef<CounterMessage>(system, unit).send({ type: 'letter', from, n });
    if (letters > 1) life.ports.clock.after(pauseMs, () => write(unit, letters - 1, pauseMs));
  };
  keepDoing(
    life.ports.clock,
    () => 40 + random.below(160),
    () => {
      const unit = oneOf(random, names);
      if (random.below(5) === 0) void look(unit);
      if (random.below(3) === 0) write(unit, between(random, 1, 9), random.next() * 6);
      const waiting = [...customer.open.values()];
      if (waiting.length > 6) add(oneOf(random, waiting));
      else {
        const made = { id: `c${++customer.count}`, unit };
        customer.open.set(made.id, made);
        add(made);
      }
      return life.worldMs() < untilMs;
    },
  );
}
