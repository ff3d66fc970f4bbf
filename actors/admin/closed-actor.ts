/** The admin service of a node without keys: found like any other, it refuses every command and says what is missing. */
import { EsperError } from '../../contracts/index.ts';
import { defineActor } from '../../runtime/index.ts';
import type { Services } from '../../runtime/ports/services.ts';
import { type AdminFace, adminFace } from './face.ts';

export interface ClosedAdminArgs extends AdminFace {
  readonly services: Services;
}

export const closedAdmin = defineActor<{ stop(): Promise<void> }, never, never, ClosedAdminArgs>({
  name: 'admin',
  fresh: (_, { services, ...face }) =>
    services.serve(adminFace(face, () => Promise.reject(closed(face.node)))),
  decide: {},
  stopped: (serving) => serving.stop(),
});

const closed = (node: string) =>
  new EsperError(
    'ADMIN_NO_KEYS',
    `${node} runs without keys, so it cannot know whose command this is; it takes none`,
    { node },
    { hint: 'esper keys init makes keys for a cluster; esper up --keys <dir> uses them, on every node' },
  );
