/** The steward of a cluster: one actor on one node that sees to it that everything runs, and runs where it should. */
import type { Refusal } from '../../contracts/failure.ts';
import type { PlacementCommand, PlacementRecord } from '../../contracts/placement.ts';
import {
  Announced,
  CommandGiven,
  LeaveOrdered,
  PlacementStatus,
  StatusWanted,
  StopOrdered,
  WarmOrdered,
} from '../../contracts/placement-messages.ts';
import { type ActorDefinition, type Cx, type DynamicSupervisor, defineActor } from '../actor/behaviour.ts';
import { accept, type Decision, isRefusal, refuse } from '../actor/decision.ts';
import { asError } from '../actor/errors.ts';
import { remotePath } from '../remote/remote-path.ts';
import type { Held } from '../remote/tenure.ts';
import { choose } from './bid.ts';
import { opened } from './checked.ts';
import { commanded, type Desired, forgotten, readDesired, unwished, writeDesired } from './desired.ts';
import { AGENT, STEWARD } from './names.ts';
import { type ProxyArgs, type ProxyMessage, proxy } from './proxy.ts';
import { bidsElsewhere, type PlacementAction, reconcile } from './reconcile.ts';
import { Stewardship, type StewardWorld } from './stewardship.ts';
import { drainRefusal, moveRefusal, unknownNode } from './wish.ts';

export type StewardMessage =
  | { readonly type: 'steward.read'; readonly desired: Desired }
  | { readonly type: 'steward.look' }
  | CommandGiven
  | StatusWanted;

type StewardCx = Cx<StewardMessage>;

interface Steward {
  readonly stewardship: Stewardship;
  readonly key: string;
  /** Before then no unit is asked to move again. */
  readonly movesFromMs: Map<string, number>;
  /** Units that did not get where somebody wanted them: whoever wants it still has to ask again. */
  readonly setBack: Set<string>;
  readonly proxies: DynamicSupervisor;
  looks: number;
}

/** Looks of patience with nodes that have not been heard of, after this one has come up. */
const FIRST_LOOKS = 4;
/** Looks from one word to all about where everything is to the next, when nothing has changed. */
const ANNOUNCE_EVERY = 4;

export function steward(world: StewardWorld): ActorDefinition<Steward, StewardMessage, never, Held> {
  const { options, limits } = world;
  const key = `${options.prefix ?? 'esper'}.placement`;
  return defineActor<Steward, StewardMessage, never, Held>({
    name: 'steward',
    fresh(cx, held) {
      const stewardship = new Stewardship(world, held);
      const [firstMs, maxMs] = limits.backoffMs;
      const { intensity, periodMs } = limits;
      const proxies = cx.children({
        intensity,
        periodMs,
        backoff: { firstMs, maxMs },
        maxChildren: 256,
        onGiveUp: (unit, error) => {
          stewardship.givenUp.set(unit, cx.nowMs() + periodMs);
          stewardship.believe(unit, 'given_up', { why: error.message });
        },
      });
      cx.job('read what shall run', async () => {
        const found = await readDesired(options.leases, key, options.plan, held.epoch);
        return { type: 'steward.read', desired: await writeDesired(options.leases, key, found) };
      });
      return { stewardship, key, movesFromMs: new Map(), setBack: new Set(), proxies, looks: 0 };
    },
    decide: {
      'steward.read': ({ stewardship }, { desired }, cx) => {
        stewardship.desired = desired;
        cx.log.write('info', 'this node is the steward', { epoch: stewardship.held.epoch });
        const waitMs = world.openedMs + FIRST_LOOKS * limits.lookMs - cx.nowMs();
        cx.after(Math.max(0, waitMs), { type: 'steward.look' });
        return accept();
      },
      'steward.look': async (state, _message, cx) => {
        cx.after(limits.lookMs, { type: 'steward.look' });
        if (state.stewardship.held.held()) await look(state, cx);
        return accept();
      },
      'placement.command.given': async (state, message, cx) => {
        const said = opened(CommandGiven, message);
        if (isRefusal(said)) return said;
        return obey(state, said.command, cx);
      },
      'placement.status.wanted': ({ stewardship }, message) => {
        const said = opened(StatusWanted, message);
        return isRefusal(said) ? said : told(stewardship);
      },
    },
  });
}

async function look(state: Steward, cx: StewardCx): Promise<void> {
  const { stewardship, proxies, setBack } = state;
  if (stewardship.desired === null) return;
  stewardship.look();
  for (const unit of setBack)
    if (await write(state, unwished(stewardship.desired.record, unit))) setBack.delete(unit);
  for (const { unit, why } of stewardship.lost()) tell(proxies, unit, { type: 'proxy.lost', why });
  for (const action of reconcile(stewardship.desired.record, stewardship.picture())) {
    if (action.do === 'forget_wish') {
      const there = runsOn(stewardship, action.unit) === stewardship.desired.record.wished[action.unit];
      if (!there) stewardship.excuse(action.unit, action.why);
      await write(state, unwished(stewardship.desired.record, action.unit));
    } else perform(state, action, cx);
  }
  if (state.looks++ % ANNOUNCE_EVERY === 0) announce(stewardship, cx);
  await seeOff(state, cx);
}

function perform(state: Steward, action: PlacementAction, cx: StewardCx): void {
  const { stewardship, proxies, movesFromMs } = state;
  const { epoch } = stewardship.held;
  switch (action.do) {
    case 'place':
      if (cx.nowMs() < (stewardship.givenUp.get(action.unit) ?? 0)) break;
      overseen(state, action.unit, cx);
      tell(proxies, action.unit, { type: 'proxy.begin' });
      break;
    case 'adopt':
      overseen(state, action.unit, cx);
      tell(proxies, action.unit, { type: 'proxy.adopt', node: action.node, epoch: action.epoch });
      break;
    case 'stop': {
      const { unit, node, why } = action;
      if (stewardship.desired?.record.stopped.includes(unit) || stewardship.spec(unit) === undefined) {
        proxies.stop(unit, why);
        stewardship.believe(unit, 'stopped', { why });
      }
      cx.ref<StopOrdered>(remotePath(node, AGENT)).send(StopOrdered.of({ epoch, unit, why }));
      break;
    }
    case 'move':
      if (cx.nowMs() >= (movesFromMs.get(action.unit) ?? 0))
        tell(proxies, action.unit, { type: 'proxy.move', to: action.to });
      break;
    case 'warm':
      cx.ref<WarmOrdered>(remotePath(action.node, AGENT)).send(
        WarmOrdered.of({ epoch, units: [...action.units] }),
      );
      break;
  }
}

const tell = (proxies: DynamicSupervisor, unit: string, message: ProxyMessage): void => {
  proxies.ref<ProxyMessage>(unit)?.send(message);
};

/** A proxy stands for the unit from now on; it adopts what runs, or begins an auction. */
function overseen(
  { stewardship, proxies, movesFromMs, setBack }: Steward,
  unit: string,
  cx: StewardCx,
): void {
  if (proxies.ids().includes(unit)) return;
  stewardship.givenUp.delete(unit);
  const { lookMs } = stewardship.world.limits;
  const args: ProxyArgs = {
    unit,
    stewardship,
    announce: () => announce(stewardship, cx),
    moveFailed: () => {
      movesFromMs.set(unit, cx.nowMs() + 10 * lookMs);
      if (unit in (stewardship.desired?.record.wished ?? {})) setBack.add(unit);
    },
  };
  proxies.start(proxy, { id: unit, args });
}

function announce(stewardship: Stewardship, cx: StewardCx): void {
  const { held, world } = stewardship;
  const units = stewardship.beliefs
    .filter(({ state }) => state === 'running')
    .map(({ unit, node, epoch }) => ({ unit, node, epoch }));
  // Whoever wants something of the steward must find it too.
  units.push({ unit: STEWARD, node: world.cluster.node.name, epoch: held.epoch });
  const news = Announced.of({ epoch: held.epoch, units });
  for (const { name, state } of stewardship.nodes)
    if (state === 'up') cx.ref<Announced>(remotePath(name, AGENT)).send(news);
}

/** Nodes that leave hear when they are empty; once they are gone nothing is held against their names. */
async function seeOff(state: Steward, cx: StewardCx): Promise<void> {
  const { stewardship } = state;
  const { cluster } = stewardship.world;
  for (const [node, epoch] of Object.entries(stewardship.desired?.record.leaving ?? {})) {
    const view = stewardship.nodes.find(({ name }) => name === node);
    if (view !== undefined && view.facts.units.length === 0)
      cx.ref<LeaveOrdered>(remotePath(node, AGENT)).send(LeaveOrdered.of({ epoch: stewardship.held.epoch }));
    const down = cluster.peers().some((peer) => peer.node === node && peer.state === 'down');
    const gone = down || stewardship.nodeEpoch(node) > epoch;
    if (gone && stewardship.desired !== null) await write(state, forgotten(stewardship.desired.record, node));
  }
}

/** False when the store does not answer: it is tried again later. @throws PLACEMENT_OVERTAKEN */
async function write({ stewardship, key }: Steward, record: PlacementRecord): Promise<boolean> {
  const { desired, world } = stewardship;
  if (desired === null) return false;
  try {
    stewardship.desired = await writeDesired(world.options.leases, key, {
      record,
      revision: desired.revision,
    });
    return true;
  } catch (thrown) {
    if ((asError(thrown) as Error & { code?: string }).code !== 'LEASES_UNREACHABLE') throw thrown;
    return false;
  }
}

async function obey(state: Steward, command: PlacementCommand, cx: StewardCx): Promise<Decision> {
  const { stewardship, proxies } = state;
  const { desired, held } = stewardship;
  // Before its first look it knows nobody, and would call all of them unknown.
  if (desired === null || !held.held() || stewardship.nodes.length === 0) return refuse('STEWARD_NOT_READY');
  const record = commanded(desired.record, command, (node) => stewardship.nodeEpoch(node));
  if (isRefusal(record)) return record;
  const no = refusalOf(stewardship, desired.record, command);
  if (no !== undefined) return no;
  if (record !== desired.record && !(await write(state, record))) return refuse('PLACEMENT_NOT_STORED');
  if (command.do === 'restart') tell(proxies, command.unit, { type: 'proxy.restart' });
  if (command.do === 'move') return moveWished(state, command.unit, command.to, cx);
  if (command.do === 'start') stewardship.givenUp.delete(command.unit);
  return accept({ accepted: true });
}

/** What can be known beforehand: nothing is written down for a command that cannot be carried out. */
function refusalOf(
  stewardship: Stewardship,
  record: PlacementRecord,
  command: PlacementCommand,
): Refusal | undefined {
  const { nodes } = stewardship;
  if (command.do === 'drain') return drainRefusal(command.node, record, nodes);
  if (command.do === 'cordon' || command.do === 'leave')
    return nodes.some(({ name }) => name === command.node) ? undefined : unknownNode(command.node, nodes);
  const spec = command.do === 'move' ? stewardship.spec(command.unit) : undefined;
  if (command.do !== 'move' || spec === undefined) return undefined;
  return moveRefusal({ spec, from: runsOn(stewardship, spec.unit), to: command.to }, record, nodes);
}

const runsOn = (stewardship: Stewardship, unit: string): string => {
  const belief = stewardship.belief(unit);
  return belief?.state === 'running' ? belief.node : '';
};

function moveWished(state: Steward, unit: string, to: string | undefined, cx: StewardCx): Decision {
  const { stewardship, proxies, movesFromMs, setBack } = state;
  const spec = stewardship.spec(unit);
  const from = runsOn(stewardship, unit);
  movesFromMs.delete(unit);
  setBack.delete(unit);
  stewardship.excuse(unit, '');
  if (to !== undefined) return accept({ accepted: true, from, to });
  if (spec === undefined || stewardship.desired === null) return refuse('UNIT_NOT_RUNNING', { unit });
  const best = choose(bidsElsewhere(spec, from, stewardship.desired.record, stewardship));
  if (best === undefined) return refuse('PLACEMENT_NOWHERE_ELSE', { unit });
  cx.log.write('info', 'a unit is asked to move', { unit, to: best });
  tell(proxies, unit, { type: 'proxy.move', to: best });
  return accept({ accepted: true, from, to: best });
}

function told(stewardship: Stewardship): Decision | Refusal {
  const { desired, world, held } = stewardship;
  if (desired === null) return refuse('STEWARD_NOT_READY');
  const { record } = desired;
  return accept(
    PlacementStatus.of({
      steward: world.cluster.node.name,
      epoch: held.epoch,
      generation: record.plan.generation,
      units: record.plan.units.map(({ unit }) => {
        const { node = '', epoch = 0, state = 'vacant', why = '' } = stewardship.belief(unit) ?? {};
        return { unit, node, epoch, state, why };
      }),
      nodes: stewardship.nodes.map(({ name, state, facts }) => ({
        name,
        state,
        cordoned: record.cordoned.includes(name),
        draining: record.draining.includes(name),
        leaving: name in record.leaving,
        units: facts.units,
        facts,
      })),
    }),
  );
}
