/** A tree whose only child is a pool, and the pool's handle. */
import {
  type AnyDefinition,
  type PoolHandle,
  type PoolOptions,
  pool,
  type SupervisorOptions,
  type WorkerSpec,
  worker,
} from '../../../runtime/index.ts';
import { startWorld, type World } from '../../runtime/support/world.ts';

interface PoolWorld {
  readonly world: World;
  readonly handle: PoolHandle;
}

/** Starts `top/pool`, empty; the root gives up at the first failure of the pool unless `root` says otherwise. */
export async function startPool(
  definition: Pick<AnyDefinition, 'name'>,
  template: Partial<WorkerSpec> = {},
  options: Partial<PoolOptions> = {},
  root: Partial<SupervisorOptions> = {},
): Promise<PoolWorld> {
  const spec = { ...worker(definition as AnyDefinition, { args: undefined }), ...template };
  const flags = { intensity: 100, periodMs: 3_600_000, ...options };
  const world = await startWorld([pool('pool', spec, flags)], { intensity: 0, ...root });
  return { world, handle: world.system.pool('top/pool') };
}
