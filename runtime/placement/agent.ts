/** The agent of a node: bids for units, runs those it gets for as long as it holds their leases, and hands them over. */
import {
  Announced,
  BidWanted,
  LeaveOrdered,
  MoveOrdered,
  StartOrdered,
  StateCarried,
  StopOrdered,
  UnitReported,
  WarmOrdered,
} from '../../contracts/placement-messages.ts';
import { type ActorDefinition, type Cx, defineActor } from '../actor/behaviour.ts';
import { accept, type Decision, isRefusal, refuse } from '../actor/decision.ts';
import { AgentHouse, type HouseMessage } from './agent-house.ts';
import type { AgentWorld } from './agent-world.ts';
import { bid } from './bid.ts';
import { checked } from './checked.ts';
import { UNITS } from './names.ts';
import { Tenancy } from './tenancy.ts';

export type AgentMessage =
  | HouseMessage
  | { readonly type: 'agent.look' }
  | BidWanted
  | StateCarried
  | StartOrdered
  | StopOrdered
  | MoveOrdered
  | WarmOrdered
  | LeaveOrdered
  | Announced
  | UnitReported;

interface Agent {
  readonly house: AgentHouse;
  tenancies: number;
}

/** Steps of a unit's look in one of the steward's: a unit that fell is noticed soon. */
const LOOKS = 2;

export function agent(world: AgentWorld): ActorDefinition<Agent, AgentMessage> {
  const { options, limits, tenancies, parcels, directory } = world;
  const of = ({ unit, id }: { readonly unit: string; readonly id: number }) => {
    const tenancy = tenancies.get(unit);
    return tenancy?.id === id ? tenancy : undefined;
  };
  return defineActor<Agent, AgentMessage>({
    name: 'agent',
    mailbox: { capacity: 4_096, whenFull: 'refuse' },
    async fresh(cx) {
      tenancies.clear();
      const units = cx.supervisor(UNITS);
      const left = units.children();
      // An earlier life of this agent left them: nobody keeps their leases any more.
      if (!('refused' in left)) for (const { id } of left) await units.terminate(id);
      cx.after(0, { type: 'agent.look' });
      const house = new AgentHouse(cx as Cx<HouseMessage>, world, (unit, id) => {
        if (of({ unit, id }) !== undefined) tenancies.delete(unit);
      });
      return { house, tenancies: 0 };
    },
    decide: {
      'agent.gained': (_agent, message) => after(of(message)?.gained(message.held)),
      'agent.lost': (_agent, message) => after(of(message)?.lost(message.why)),
      'agent.started': (_agent, message) => after(of(message)?.started(message.why)),
      'agent.ended': (_agent, message) => after(of(message)?.ended()),
      'agent.taken': (_agent, message) => after(of(message)?.taken(message.answer)),
      'agent.handed': (_agent, message) => after(of(message)?.handed(message.no)),
      'agent.look': (_agent, _message, cx) => {
        cx.after(limits.lookMs / LOOKS, { type: 'agent.look' });
        world.refresh();
        parcels.dropBefore(cx.nowMs() - limits.startMs);
        for (const tenancy of [...tenancies.values()]) tenancy.look(cx.nowMs());
        return accept();
      },
      'placement.bid.wanted': (_agent, message) =>
        obeyed(world, BidWanted, message, ({ spec, near }) => {
          const answer = bid(spec, world.facts(), near);
          return 'score' in answer ? accept(answer) : answer;
        }),
      'placement.state.carried': (_agent, message, cx) =>
        obeyed(world, StateCarried, message, (piece) => parcels.put(piece, cx.nowMs()) ?? accept()),
      'placement.start.ordered': (state, message) =>
        obeyed(world, StartOrdered, message, (order) => started(world, state, order)),
      'placement.stop.ordered': (_agent, message) =>
        obeyed(world, StopOrdered, message, ({ unit, why }) => {
          tenancies.get(unit)?.stop({ what: 'stopped', why });
          return accept();
        }),
      'placement.move.ordered': (_agent, message) =>
        obeyed(world, MoveOrdered, message, ({ order, spec, reportTo, to }) => {
          const moves = tenancies.get(spec.unit)?.move({ order, spec, reportTo }, to) === true;
          return moves ? accept() : refuse('UNIT_NOT_RUNNING', { unit: spec.unit, node: options.name });
        }),
      'placement.warm.ordered': (_agent, message) =>
        obeyed(world, WarmOrdered, message, ({ units }) => warmed(world, units)),
      'placement.leave.ordered': (_agent, message, cx) =>
        obeyed(world, LeaveOrdered, message, () => {
          if (tenancies.size > 0) return refuse('NODE_NOT_EMPTY', { units: [...tenancies.keys()] });
          cx.log.write('info', 'this node was told to leave', { node: options.name });
          options.onLeave?.();
          return accept();
        }),
      'placement.units.announced': (_agent, message) =>
        obeyed(world, Announced, message, ({ units }) => {
          for (const { unit, node, epoch } of units) directory.there(unit, epoch, node);
          return accept();
        }),
      'placement.unit.reported': (_agent, message) =>
        checked(UnitReported, message, (report) => after(tenancies.get(report.unit)?.heard(report))),
    },
    stopped: async () => {
      await Promise.all([...tenancies.values()].map((tenancy) => tenancy.close()));
      tenancies.clear();
      for (const cool of world.warm.values()) cool();
      world.warm.clear();
    },
  });
}

const after = (_deed: unknown): Decision => accept();

function started(world: AgentWorld, state: Agent, received: StartOrdered): Decision {
  const order = world.parcels.whole(received);
  if (isRefusal(order)) return order;
  const { unit } = order.spec;
  const there = world.tenancies.get(unit);
  if (there !== undefined)
    return there.orderedAgain(order) ? accept() : refuse('UNIT_BUSY', { unit, phase: there.phase });
  // Much may have come here since the bid.
  const answer = bid(order.spec, world.facts());
  if ('refused' in answer) return answer;
  world.tenancies.set(unit, new Tenancy(state.house, ++state.tenancies, order));
  return accept();
}

function warmed({ options, warm }: AgentWorld, units: readonly string[]): Decision {
  for (const [unit, cool] of warm) {
    if (units.includes(unit)) continue;
    warm.delete(unit);
    cool();
  }
  for (const unit of units)
    if (!warm.has(unit) && options.factories[unit] !== undefined)
      warm.set(unit, options.factories[unit].warm?.() ?? (() => {}));
  return accept();
}

/** What arrives may come from anybody: it is checked, and orders of a steward of the past are refused. */
function obeyed<T extends { readonly epoch: number }>(
  { fence, options }: AgentWorld,
  contract: { parse(received: unknown): T },
  message: unknown,
  then: (order: T) => Decision,
): Decision {
  return checked(contract, message, (order) => {
    const stale = fence.refuses(order.epoch);
    if (stale === undefined) return then(order);
    options.metrics.count('esper_placement_refused_total', 1, { code: stale.refused });
    return stale;
  });
}
