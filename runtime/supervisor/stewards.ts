/** Who runs the supervisor at a path, now; and the handles that look it up each time they are used. */
import type { Refusal } from '../../contracts/failure.ts';
import { refuse } from '../actor/decision.ts';
import type { PoolHandle, SupervisorHandle } from './handle.ts';

/** What a running supervisor lets others do. A pool refuses what needs places of its own. */
export interface Steward extends SupervisorHandle {
  /** It is up: its children are started, or being started. */
  readonly answers: boolean;
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
      return steward === null ? gone(path) : deed(steward);
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
      const pool = this.#find(path)?.pool ?? null;
      return pool === null ? gone(path) : deed(pool);
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

  #find(path: string): Steward | null {
    const steward = this.#byPath.get(path);
    return steward?.answers === true ? steward : null;
  }
}

const gone = (path: string): Refusal => refuse('SUPERVISOR_GONE', { path });
