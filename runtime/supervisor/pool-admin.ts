/** A pool's office: starts and ends its children one by one, and tells who they are. */
import type { Refusal } from '../../contracts/failure.ts';
import { type Birth, ignore, overtaken, Started } from '../actor/birth.ts';
import type { Cell } from '../actor/cell.ts';
import { refuse } from '../actor/decision.ts';
import { asError } from '../actor/errors.ts';
import type { Lifecycle, StopReason } from '../actor/messages.ts';
import type { Maybe } from '../maybe.ts';
import { refusalOf, startRefused } from './errors.ts';
import type { ChildCount, ChildInfo, ChildStarted, PoolChild, PoolHandle } from './handle.ts';
import { mistakeIn } from './respecify.ts';
import type { PoolSpec, WorkerSpec } from './spec.ts';
import { officeIn, type Steward } from './stewards.ts';
import { problemsOf } from './validate.ts';

/** One child of a pool. */
export interface Resident {
  spec: WorkerSpec;
  /** Its args are not the template's. */
  readonly ownArgs: boolean;
  cell: Cell;
  /** The template now describes somebody else: replaced, not restarted. */
  outdated: boolean;
  /** It fell and is due to come back. */
  restarting: boolean;
  /** Ends the pause before its next life. */
  cancel: (() => void) | null;
}

/** The pool behind the office. */
export interface PoolHouse {
  readonly path: string;
  readonly lifecycle: Lifecycle;
  readonly spec: PoolSpec;
  /** In start order. */
  readonly residents: ReadonlyMap<string, Resident>;
  /** @throws REGISTRY_PATH_TAKEN */
  admit(spec: WorkerSpec, ownArgs: boolean, failed: (error: Error) => void): Maybe<Birth>;
  dismiss(resident: Resident, reason: StopReason): Maybe<void>;
  amend(spec: PoolSpec): void;
}

const byHand: StopReason = { kind: 'shutdown', why: 'terminated by hand' };

export class PoolAdmin implements PoolHandle {
  readonly #house: PoolHouse;
  #number = 0;

  constructor(house: PoolHouse) {
    this.#house = house;
  }

  get path(): string {
    return this.#house.path;
  }

  async start(args?: unknown, options: { readonly id?: string } = {}): Promise<ChildStarted | Refusal> {
    const { path, residents, spec: pool } = this.#house;
    const { template, maxChildren } = pool;
    if (residents.size >= maxChildren) return refuse('SUPERVISOR_POOL_FULL', { path, maxChildren });
    const id = options.id ?? this.#nextId();
    const spec: WorkerSpec = { ...template, id, args: args === undefined ? template.args : args };
    const [problem] = options.id === undefined ? [] : problemsOf(spec, path);
    if (problem !== undefined) return refusalOf(problem);
    const own = `${path}/${id}`;
    if (residents.has(id)) return refuse('SUPERVISOR_CHILD_ALREADY_STARTED', { path: own });
    let failure: Error | null = null;
    let birth: Birth;
    try {
      birth = await this.#house.admit(spec, args !== undefined, (error) => {
        failure = error;
      });
    } catch (thrown) {
      failure = asError(thrown);
    }
    if (failure !== null) return startRefused(own, failure);
    if (birth === overtaken)
      return refuse('SUPERVISOR_CHILD_START_FAILED', { path: own, reason: 'stopped before it had started' });
    return this.#started(own, birth);
  }

  async terminate(child: PoolChild): Promise<Refusal | null> {
    const resident = this.#find(child);
    if (resident !== null) await this.#house.dismiss(resident, byHand);
    else if (!this.#livedHere(child)) return this.#notFound(child);
    return null;
  }

  children(): readonly ChildInfo[] {
    return [...this.#house.residents.values()].map(infoOf);
  }

  child(id: string): ChildInfo | Refusal {
    const resident = this.#house.residents.get(id);
    return resident === undefined ? this.#notFound(id) : infoOf(resident);
  }

  count(): ChildCount {
    const { residents } = this.#house;
    let active = 0;
    for (const { restarting } of residents.values()) if (!restarting) active++;
    return { specs: 1, active, supervisors: 0, workers: residents.size };
  }

  spec(child: PoolChild): WorkerSpec | Refusal {
    return this.#find(child)?.spec ?? this.#notFound(child);
  }

  async restart(id: string): Promise<Refusal> {
    return this.#noAdmin(id);
  }

  delete(id: string): Refusal {
    return this.#noAdmin(id);
  }

  change(spec: PoolSpec): Refusal | null {
    const mistake = mistakeIn(spec, this.#house.spec, this.#house.path);
    if (mistake === null) this.#house.amend(spec);
    return mistake;
  }

  #started(path: string, birth: Birth): ChildStarted {
    const ref =
      birth === ignore
        ? null
        : (this.#house.residents.get(path.slice(this.path.length + 1))?.cell.ref ?? null);
    return { ref, info: birth instanceof Started ? birth.info : undefined };
  }

  /** Numbers are never given twice: a ref to a child that ended must not find another. */
  #nextId(): string {
    do this.#number++;
    while (this.#house.residents.has(String(this.#number)));
    return String(this.#number);
  }

  #find(child: PoolChild): Resident | null {
    const { residents, path } = this.#house;
    if (typeof child === 'string') return residents.get(child) ?? null;
    const prefix = `${path}/`;
    if (typeof child?.path !== 'string' || !child.path.startsWith(prefix)) return null;
    return residents.get(child.path.slice(prefix.length)) ?? null;
  }

  /** A ref into this pool whose child has ended: what was wanted is so already. */
  #livedHere(child: PoolChild): boolean {
    return typeof child !== 'string' && String(child?.path).startsWith(`${this.path}/`);
  }

  #notFound(child: PoolChild): Refusal {
    const asked = typeof child === 'string' ? child : String(child?.path);
    return refuse('SUPERVISOR_CHILD_NOT_FOUND', { path: this.path, child: asked });
  }

  #noAdmin(id: string): Refusal {
    return refuse('SUPERVISOR_POOL_NO_ADMIN', { path: this.path, id });
  }
}

/** The same pool, as those see it who take it for a supervisor: it has no places of its own. */
export function stewardOf(admin: PoolAdmin, house: PoolHouse): Steward {
  return {
    get path() {
      return house.path;
    },
    get office() {
      return officeIn(house.lifecycle);
    },
    pool: admin,
    children: () => admin.children(),
    child: (id) => admin.child(id),
    count: () => admin.count(),
    spec: (id) => admin.spec(id),
    start: async ({ id }) => refuse('SUPERVISOR_POOL_NO_ADMIN', { path: house.path, id }),
    checkpoints: () => refuse('ROLLBACK_NO_GROUP', { path: house.path }),
    terminate: (id) => admin.terminate(id),
    restart: (id) => admin.restart(id),
    delete: (id) => admin.delete(id),
    change: () => refuse('SPEC_INVALID_KIND', { path: house.path, kind: 'pool' }),
  };
}

function infoOf({ spec, cell, restarting }: Resident): ChildInfo {
  return {
    id: spec.id,
    path: cell.path,
    state: restarting ? 'restarting' : 'running',
    ref: restarting ? null : cell.ref,
    kind: 'worker',
    restart: spec.restart,
    significant: false,
  };
}
