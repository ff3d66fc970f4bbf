/** Stands for one unit in the steward's tree: its life is the unit's life, wherever that is. It falls when the unit falls, and rises with a new auction. */
import type { PlacementRecord } from '../../contracts/placement.ts';
import {
  BidWanted,
  MoveOrdered,
  StartOrdered,
  StopOrdered,
  UnitReported,
} from '../../contracts/placement-messages.ts';
import { type ActorDefinition, type Cx, defineActor } from '../actor/behaviour.ts';
import { accept, type Decision } from '../actor/decision.ts';
import { remotePath } from '../remote/remote-path.ts';
import { type Bid, choose, withPromises } from './bid.ts';
import { checked } from './checked.ts';
import { unitDown, unitNotStarted } from './errors.ts';
import { AGENT } from './names.ts';
import { codeOf } from './reason.ts';
import { nearOf, withRules } from './reconcile.ts';
import type { Stewardship } from './stewardship.ts';

export interface ProxyArgs {
  readonly unit: string;
  readonly stewardship: Stewardship;
  /** Tells everybody where units are. */
  readonly announce: () => void;
  /** A move came to nothing: nobody shall try it again at once. */
  readonly moveFailed: (unit: string) => void;
}

interface Offer {
  readonly node: string;
  readonly score: number | null;
  readonly company: number;
  readonly why: string;
}

export type ProxyMessage =
  | { readonly type: 'proxy.begin' }
  | { readonly type: 'proxy.offers'; readonly offers: readonly Offer[] }
  /** The node said yes, or why not. */
  | { readonly type: 'proxy.answered'; readonly order: string; readonly why: string | null }
  | { readonly type: 'proxy.late'; readonly order: string }
  | { readonly type: 'proxy.adopt'; readonly node: string; readonly epoch: number }
  | { readonly type: 'proxy.lost'; readonly why: string }
  | { readonly type: 'proxy.move'; readonly to: string }
  | { readonly type: 'proxy.restart' }
  | UnitReported;

interface Proxy extends ProxyArgs {
  order: string;
  /** Where it ran before a move. */
  from: { readonly node: string; readonly epoch: number } | null;
  notBeforeMs: number;
}

type ProxyCx = Cx<ProxyMessage>;

export const proxy: ActorDefinition<Proxy, ProxyMessage, never, ProxyArgs> = defineActor<
  Proxy,
  ProxyMessage,
  never,
  ProxyArgs
>({
  name: 'unit',
  light: true,
  fresh(cx, args) {
    const { unit, stewardship } = args;
    const there = stewardship.found(unit);
    if (there !== undefined) stewardship.believe(unit, 'running', there);
    else {
      stewardship.believe(unit, 'vacant', { why: stewardship.belief(unit)?.why ?? '' });
      cx.soon({ type: 'proxy.begin' });
    }
    return { ...args, order: '', from: null, notBeforeMs: 0 };
  },
  decide: {
    'proxy.begin': (state, _message, cx) => {
      if (stateOf(state) === 'vacant' && cx.nowMs() >= state.notBeforeMs) auction(state, cx);
      return accept();
    },
    'proxy.offers': (state, { offers }, cx) => {
      if (stateOf(state) === 'bidding') award(state, offers, cx);
      return accept();
    },
    'proxy.answered': (state, { order, why }, cx) => {
      if (order !== state.order || why === null) return accept();
      if (stateOf(state) === 'moving') back(state, why);
      else if (stateOf(state) === 'starting') vacant(state, why, cx);
      return accept();
    },
    'proxy.late': (state, { order }) => {
      const { unit, stewardship } = state;
      const belief = stewardship.belief(unit);
      if (order !== state.order || belief === undefined || belief.state === 'running') return accept();
      throw unitNotStarted(unit, belief.node, 'nothing was heard of it in time');
    },
    'proxy.adopt': (state, { node, epoch }) => {
      state.order = '';
      runs(state, node, epoch);
      return accept();
    },
    'proxy.lost': (state, { why }, cx) => {
      // Not the unit's fault: no pause, and no fall is counted.
      state.order = '';
      state.notBeforeMs = 0;
      state.stewardship.believe(state.unit, 'vacant', { why });
      cx.log.write('warn', 'a unit is looked for a new place', { unit: state.unit, why });
      auction(state, cx);
      return accept();
    },
    'proxy.move': (state, { to }, cx) => {
      if (stateOf(state) === 'running') move(state, to, cx);
      return accept();
    },
    'proxy.restart': (state, _message, cx) => {
      const { unit, stewardship } = state;
      const belief = stewardship.belief(unit);
      if (belief?.state !== 'running') return accept();
      const stop = StopOrdered.of({ epoch: stewardship.held.epoch, unit, why: 'it is to be restarted' });
      cx.ref<StopOrdered>(remotePath(belief.node, AGENT)).send(stop);
      return accept();
    },
    'placement.unit.reported': (state, message, cx) =>
      checked(UnitReported, message, (report) => reported(state, report, cx)),
  },
});

const stateOf = ({ unit, stewardship }: Proxy) => stewardship.belief(unit)?.state;

function reported(state: Proxy, report: UnitReported, cx: ProxyCx): Decision {
  const { unit, stewardship } = state;
  const belief = stewardship.belief(unit);
  const { what, node, epoch, why } = report;
  if (what === 'running' && epoch >= (belief?.epoch ?? 0)) {
    // Taken back by the node that gave it: it has moved nowhere.
    if (belief?.state === 'moving' && state.from?.node === node) state.moveFailed(unit);
    runs(state, node, epoch, why);
  }
  if (what === 'kept' && belief?.state === 'moving') back(state, why);
  if (what !== 'failed' && what !== 'down' && what !== 'stopped') return accept();
  if (epoch > 0) stewardship.bury(unit, epoch);
  const current = belief?.node === node && (epoch === 0 || belief.epoch === 0 || epoch >= belief.epoch);
  // The old node of a move takes the unit back by itself when the new one fails.
  if (!current || belief.state === 'moving') return accept();
  if (what === 'down') throw unitDown(unit, node, why);
  if (what === 'failed' && report.order === state.order) throw unitNotStarted(unit, node, why);
  if (what === 'stopped' && belief.state === 'running') vacant(state, why, cx, 0);
  return accept();
}

function runs(state: Proxy, node: string, epoch: number, why = ''): void {
  state.from = null;
  state.stewardship.believe(state.unit, 'running', { node, epoch, why });
  state.announce();
}

/** It stayed where it was. */
function back(state: Proxy, why: string): void {
  state.moveFailed(state.unit);
  state.order = '';
  if (state.from !== null) state.stewardship.believe(state.unit, 'running', { ...state.from, why });
  state.from = null;
}

function vacant(
  state: Proxy,
  why: string,
  cx: ProxyCx,
  pauseMs = state.stewardship.world.limits.vacantMs,
): void {
  state.order = '';
  state.notBeforeMs = cx.nowMs() + pauseMs;
  state.stewardship.believe(state.unit, 'vacant', { why });
  cx.after(pauseMs, { type: 'proxy.begin' });
}

/** Asks everybody within reach who can have it. */
function auction(state: Proxy, cx: ProxyCx): void {
  const { unit, stewardship } = state;
  const { held, nodes, world, desired } = stewardship;
  const spec = stewardship.spec(unit);
  if (spec === undefined || desired === null) return;
  stewardship.believe(unit, 'bidding');
  const wanted = BidWanted.of({ epoch: held.epoch, spec, near: [...nearOf(spec, stewardship)] });
  const asked = nodes.filter(({ state, facts }) => state === 'up' && !closed(facts, desired.record));
  const { bidMs } = world.limits;
  cx.job(`auction of ${unit}`, async () => {
    const offers = asked.map(async ({ name }): Promise<Offer> => {
      try {
        const ref = cx.ref<BidWanted>(remotePath(name, AGENT));
        const { score, company } = await ref.ask<Bid>(wanted, { withinMs: bidMs });
        return { node: name, score, company, why: '' };
      } catch (thrown) {
        return { node: name, score: null, company: 0, why: codeOf(thrown) };
      }
    });
    return { type: 'proxy.offers', offers: await Promise.all(offers) };
  });
}

function award(state: Proxy, offers: readonly Offer[], cx: ProxyCx): void {
  const { unit, stewardship } = state;
  const { held, world } = stewardship;
  const spec = stewardship.spec(unit);
  const bids = offers.flatMap(({ node, score, company }) =>
    score === null ? [] : [{ node, score, company }],
  );
  const wish = stewardship.desired?.record.wished[unit];
  const node = bids.some((one) => one.node === wish)
    ? wish
    : choose(withPromises(bids, (name) => stewardship.weightOn(name, unit)));
  if (node === undefined || spec === undefined) {
    vacant(state, offers[0]?.why ?? 'NODE_NONE', cx);
    return;
  }
  stewardship.believe(unit, 'starting', { node });
  state.order = stewardship.nextOrder(unit);
  const { epoch } = held;
  const { order } = state;
  const reportTo = remotePath(world.cluster.node.name, cx.path);
  send(state, cx, node, StartOrdered.of({ epoch, order, spec, reportTo, given: null, giver: '' }));
  cx.after(world.limits.startMs + 2 * world.limits.bidMs, { type: 'proxy.late', order });
}

function move(state: Proxy, to: string, cx: ProxyCx): void {
  const { unit, stewardship } = state;
  const { held, world } = stewardship;
  const belief = stewardship.belief(unit);
  const spec = stewardship.spec(unit);
  if (belief === undefined || spec === undefined) return;
  const { node, epoch } = belief;
  state.from = { node, epoch };
  state.order = stewardship.nextOrder(unit);
  stewardship.believe(unit, 'moving', { node: to, epoch });
  const reportTo = remotePath(world.cluster.node.name, cx.path);
  const { order } = state;
  send(state, cx, node, MoveOrdered.of({ epoch: held.epoch, order, spec, to, reportTo }));
  const { startMs, takeMs, bidMs } = world.limits;
  cx.after(2 * (startMs + takeMs + 2 * bidMs), { type: 'proxy.late', order });
}

/** Accepted means no more than that: what comes of it is reported. */
function send(state: Proxy, cx: ProxyCx, node: string, order: StartOrdered | MoveOrdered): void {
  const { bidMs } = state.stewardship.world.limits;
  const ref = cx.ref<StartOrdered | MoveOrdered>(remotePath(node, AGENT));
  cx.job(`order ${order.order}`, async () => {
    try {
      await ref.ask(order, { withinMs: 2 * bidMs });
      return { type: 'proxy.answered', order: order.order, why: null };
    } catch (thrown) {
      return { type: 'proxy.answered', order: order.order, why: codeOf(thrown) };
    }
  });
}

const closed = (facts: Parameters<typeof withRules>[0], record: PlacementRecord): boolean =>
  withRules(facts, record).cordoned;
