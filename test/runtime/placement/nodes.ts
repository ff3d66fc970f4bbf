/** Several nodes with placement in one process, on a clock that stands still. */

import type { PlacementCommand, PlacementPlan, PlacementStatus } from '../../../contracts/index.ts';
import { randomStream } from '../../../contracts/random-stream.ts';
import { memoryBroker } from '../../../runtime/adapters/memory/broker.ts';
import { memoryClock } from '../../../runtime/adapters/memory/clock.ts';
import { memoryIds } from '../../../runtime/adapters/memory/ids.ts';
import { memoryLog } from '../../../runtime/adapters/memory/log.ts';
import { memoryMetrics } from '../../../runtime/adapters/memory/metrics.ts';
import {
  type ActorSystem,
  joinCluster,
  openPlacement,
  type Placement,
  startSystem,
  stewardRef,
  supervisor,
  type UnitFactory,
} from '../../../runtime/index.ts';
import { Strain } from '../../../runtime/placement/strain.ts';
import { meanwhile } from '../remote/nodes.ts';
import { node as factsOf } from './facts.ts';

export interface PlacedNode {
  readonly name: string;
  readonly system: ActorSystem;
  readonly placement: Placement;
  /** Tell it what a scheduler on the node feels. */
  readonly strain: Strain;
  /** As a process that is killed. */
  crash(): void;
}

/** @param factories made anew for every node */
export function placedNodes(
  plan: PlacementPlan,
  factories: (node: string) => Readonly<Record<string, UnitFactory>>,
) {
  const clock = memoryClock();
  const random = randomStream(7);
  const broker = memoryBroker({ clock, random: random.split('broker') });
  const left: string[] = [];

  const start = async (name: string, labels: readonly string[] = []): Promise<PlacedNode> => {
    const ports = {
      clock,
      log: memoryLog(),
      metrics: memoryMetrics(),
      ids: memoryIds(),
      random: random.split(name),
    };
    const transport = broker.connect(name);
    const leases = broker.leases(name);
    const {
      v: _v,
      able: _able,
      units: _units,
      warm: _warm,
      cordoned: _cordoned,
      name: _name,
      ...machine
    } = factsOf(name);
    const strain = new Strain(clock);
    const placement = openPlacement({
      ...ports,
      name,
      leases,
      plan,
      factories: factories(name),
      facts: () => ({ ...machine, labels: [...labels], ...strain.felt(machine) }),
      onLeave: () => void left.push(name),
    });
    const joining = joinCluster({
      ...ports,
      transport,
      leases,
      node: { name },
      protocol: 'one',
      inventory: () => placement.inventory(),
    });
    const cluster = await meanwhile(clock, joining);
    const options = { strategy: 'one_for_one', intensity: 1, periodMs: 1_000 } as const;
    const spec = supervisor('esper', options, placement.children(cluster));
    const system = await startSystem(spec, { ...ports, node: cluster.node, remote: placement.side(cluster) });
    const crash = () => {
      cluster.abandon();
      transport.close();
    };
    return { name, system, placement, strain, crash };
  };

  const command = ({ system }: PlacedNode, given: PlacementCommand): Promise<unknown> =>
    meanwhile(
      clock,
      stewardRef(system).ask({ type: 'placement.command.given', v: 1, command: given }, { withinMs: 2_000 }),
    );

  const status = ({ system }: PlacedNode): Promise<PlacementStatus> =>
    meanwhile(
      clock,
      stewardRef(system).ask<PlacementStatus>({ type: 'placement.status.wanted', v: 1 }, { withinMs: 2_000 }),
    );

  /** Lets time pass until it is so. @returns milliseconds that took */
  const until = async (holds: () => boolean, limitMs = 30_000): Promise<number> => {
    for (let passed = 0; passed <= limitMs; passed += 20) {
      if (holds()) return passed;
      await clock.advance(20);
    }
    throw new Error(`not within ${limitMs} ms`);
  };

  /** Names of the nodes on which the unit runs. */
  const running = (all: readonly PlacedNode[], unit: string): readonly string[] =>
    all
      .filter(({ placement }) =>
        placement.facts().units.some((one) => one.unit === unit && one.phase === 'running'),
      )
      .map(({ name }) => name);

  return { clock, broker, start, command, status, until, running, left };
}
