/** The agent's hands: what its tenancies do in the world comes back to the agent as messages. */
import type { UnitSpec } from '../../contracts/placement.ts';
import { StartOrdered, StateCarried, type UnitReported } from '../../contracts/placement-messages.ts';
import type { Cx } from '../actor/behaviour.ts';
import { remotePath } from '../remote/remote-path.ts';
import type { Held } from '../remote/tenure.ts';
import type { SupervisorSpec } from '../supervisor/spec.ts';
import type { AgentWorld } from './agent-world.ts';
import { stateLate } from './errors.ts';
import { AGENT, UNITS } from './names.ts';
import type { Premises } from './premises.ts';
import { reasonOf, rootOf } from './reason.ts';
import { loaded } from './state-pieces.ts';
import type { UnitFactory } from './unit-factory.ts';

interface Of {
  readonly unit: string;
  readonly id: number;
}

/** What the agent says to itself. */
export type HouseMessage =
  | ({ readonly type: 'agent.gained'; readonly held: Held } & Of)
  | ({ readonly type: 'agent.lost'; readonly why: string } & Of)
  | ({ readonly type: 'agent.started'; readonly why: string | null } & Of)
  | ({ readonly type: 'agent.ended' } & Of)
  | ({
      readonly type: 'agent.taken';
      readonly answer: { readonly state: unknown } | { readonly why: string };
    } & Of)
  | ({ readonly type: 'agent.handed'; readonly no: string | null } & Of);

export class AgentHouse implements Premises {
  readonly #cx: Cx<HouseMessage>;
  readonly #world: AgentWorld;
  /** Tells the agent that a tenancy is over. */
  readonly #left: (unit: string, id: number) => void;

  constructor(cx: Cx<HouseMessage>, world: AgentWorld, left: (unit: string, id: number) => void) {
    this.#cx = cx;
    this.#world = world;
    this.#left = left;
  }

  get node(): string {
    return this.#world.options.name;
  }
  get directory(): AgentWorld['directory'] {
    return this.#world.directory;
  }
  get startMs(): number {
    return this.#world.limits.startMs;
  }

  nowMs(): number {
    return this.#cx.nowMs();
  }

  factory(unit: string): UnitFactory {
    return this.#world.options.factories[unit] as UnitFactory;
  }

  hold(lease: string, unit: string, id: number): { release(): Promise<void> } {
    // What the lease says overtakes everything: a unit that has lost it must not act on.
    const tell = (message: HouseMessage) => void this.#cx.self.send(message, { priority: 'system' });
    return this.#world.cluster.hold(lease, {
      gained: (held) => tell({ type: 'agent.gained', unit, id, held }),
      lost: (why) => tell({ type: 'agent.lost', unit, id, why }),
    });
  }

  begin(unit: string, id: number, tree: () => SupervisorSpec): void {
    const units = this.#cx.supervisor(UNITS);
    this.#cx.job(`start ${unit}`, async () => {
      try {
        const answer = await units.start(tree());
        const why = 'refused' in answer ? rootOf(answer) : null;
        return { type: 'agent.started', unit, id, why };
      } catch (thrown) {
        return { type: 'agent.started', unit, id, why: reasonOf(thrown) };
      }
    });
  }

  end(unit: string, id: number): void {
    this.#cx.job(`stop ${unit}`, async () => {
      await this.endNow(unit);
      return { type: 'agent.ended', unit, id };
    });
  }

  /** A unit that is not there has ended already. */
  async endNow(unit: string): Promise<void> {
    await this.#cx.supervisor(UNITS).terminate(unit);
  }

  stands(unit: string): boolean {
    const child = this.#cx.supervisor(UNITS).child(unit);
    return !('refused' in child) && child.state !== 'undefined';
  }

  take({ unit, handover }: UnitSpec, door: string, id: number): void {
    const { takeMs } = this.#world.limits;
    const hands = this.factory(unit).handover;
    const ref = this.#cx.ref(door);
    this.#cx.job(`take ${unit}`, async () => {
      if (handover === 'restart' || hands === undefined)
        return { type: 'agent.taken', unit, id, answer: { state: null } };
      try {
        return { type: 'agent.taken', unit, id, answer: { state: await hands.take(ref, takeMs) } };
      } catch (thrown) {
        return { type: 'agent.taken', unit, id, answer: { why: reasonOf(thrown) } };
      }
    });
  }

  hand(node: string, id: number, terms: Parameters<Premises['hand']>[2]): void {
    const { unit } = terms.spec;
    this.#cx.job(`hand ${unit} to ${node}`, async () => {
      try {
        await this.#carry(node, terms);
        return { type: 'agent.handed', unit, id, no: null };
      } catch (thrown) {
        const no = reasonOf(thrown);
        this.#cx.log.write('warn', 'a unit was not taken', { unit, node, error: no });
        return { type: 'agent.handed', unit, id, no };
      }
    });
  }

  /** What no message is large enough for goes ahead of the order, piece by piece. */
  async #carry(
    node: string,
    { order, spec, reportTo, given }: Parameters<Premises['hand']>[2],
  ): Promise<void> {
    const { unit } = spec;
    const { limits, fence } = this.#world;
    const { bidMs, startMs, takeMs } = limits;
    const ref = this.#cx.ref<StateCarried | StartOrdered>(remotePath(node, AGENT));
    const dueMs = this.nowMs() + startMs;
    const load = loaded(unit, given);
    const { pieces } = load;
    if (pieces.length > 0)
      this.#cx.log.write('info', 'a state is carried in pieces', { unit, node, pieces: pieces.length });
    for (const [at, bytes] of pieces.entries()) {
      if (this.nowMs() >= dueMs) throw stateLate(unit, node, startMs);
      const piece = StateCarried.of({ epoch: fence.newest, order, unit, at, bytes });
      await ref.ask(piece, { withinMs: 2 * bidMs });
    }
    const giver = remotePath(this.node, AGENT);
    const start = { epoch: fence.newest, order, spec, reportTo, given: load.given, giver };
    // To put a large state together takes a while, too.
    await ref.ask(StartOrdered.of(start), { withinMs: 2 * bidMs + (pieces.length > 0 ? takeMs : 0) });
  }

  send(path: string, report: UnitReported): void {
    this.#cx.ref<UnitReported>(path).send(report);
  }

  leave(unit: string, id: number): void {
    this.#left(unit, id);
  }

  outdated(unit: string, epoch: number, newest: number): void {
    this.#world.options.metrics.count('esper_placement_states_outdated_total', 1, { unit });
    this.#cx.log.write('warn', 'a state that was handed over is older than what came after it', {
      unit,
      epoch,
      newest,
    });
  }
}
