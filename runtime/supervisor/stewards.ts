/** Who runs the supervisor at a path, now; and the handles that look it up each time they are used. */
import type { Refusal } from '../../contracts/failure.ts';
import { refuse } from '../actor/decision.ts';
import type { Lifecycle } from '../actor/messages.ts';
import type { PoolHandle, SupervisorHandle } from './handle.ts';

/** What a running supervisor lets others do. A pool refuses what needs places of its own. */
export interface Steward extends SupervisorHandle {
  /** `up`: its children are started, or being started. `restarting`: it fell, or makes room for others, and is due to come back. */
  readonly office: 'up' | 'restarting' | 'closed';
  /** Null unless it is a pool. */
  readonly pool: PoolHandle | null;
}

export class Stewards {
  readonly #byPath = new Map<string, Steward>();

  add(steward: Steward): void {
    this.#byPath.set(steward.path, steward);
  }

  /** Only whoever is in office can leave it. */
  remove(steward: Steward): void {
    if (this.#byPath.get(steward.path) === steward) this.#byPath.delete(steward.path);
  }

  supervisor(path: string): SupervisorHandle {
    const use = <T>(deed: (steward: Steward) => T): T | Refusal => {
      const steward = this.#find(path);
      return 'refused' in steward ? steward : deed(steward);
    };
    return {
      path,
      children: () => use((steward) => steward.children()),
      child: (id) => use((steward) => steward.child(id)),
      count: () => use((steward) => steward.count()),
      spec: (id) => use((steward) => steward.spec(id)),
      start: async (spec) => use((steward) => steward.start(spec)),
      terminate: async (id) => use((steward) => steward.terminate(id)),
      restart: async (id) => use((steward) => steward.restart(id)),
      delete: (id) => use((steward) => steward.delete(id)),
      change: (spec) => use((steward) => steward.change(spec)),
      checkpoints: () => use((steward) => steward.checkpoints()),
    };
  }

  pool(path: string): PoolHandle {
    const use = <T>(deed: (pool: PoolHandle) => T): T | Refusal => {
      const steward = this.#find(path);
      if ('refused' in steward) return steward;
      return steward.pool === null ? gone(path) : deed(steward.pool);
    };
    return {
      path,
      start: async (args, options) => use((pool) => pool.start(args, options)),
      terminate: async (child) => use((pool) => pool.terminate(child)),
      children: () => use((pool) => pool.children()),
      count: () => use((pool) => pool.count()),
      spec: (child) => use((pool) => pool.spec(child)),
      restart: async (id) => use((pool) => pool.restart(id)),
      delete: (id) => use((pool) => pool.delete(id)),
      change: (spec) => use((pool) => pool.change(spec)),
    };
  }

  #find(path: string): Steward | Refusal {
    const steward = this.#byPath.get(path);
    if (steward?.office === 'restarting') return refuse('SUPERVISOR_RESTARTING', { path });
    return steward?.office === 'up' ? steward : gone(path);
  }
}

/** What the office of a tree is like at each point of its life. */
export function officeIn(lifecycle: Lifecycle): Steward['office'] {
  switch (lifecycle) {
    case 'ready':
    case 'starting':
      return 'up';
    case 'suspended':
    case 'restarting':
      return 'restarting';
    default:
      return 'closed';
  }
}

const gone = (path: string): Refusal => refuse('SUPERVISOR_GONE', { path });
