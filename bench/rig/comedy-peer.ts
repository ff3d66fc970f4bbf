/** The same little actors on comedy alone, as it is meant to be used: the peer. */
import comedy from 'comedy';
import type { Tally } from './yard.ts';

export interface ComedyPeer {
  tell(): Promise<void>;
  echo(value: number): Promise<number>;
  /** Makes a child and destroys it. */
  hatch(): Promise<void>;
  close(): Promise<void>;
}

const quiet = { isDebug: () => false, debug() {}, info() {}, warn() {}, error() {} };

export async function comedyPeer(tally: Tally): Promise<ComedyPeer> {
  const system = comedy.createSystem({ config: {}, logger: quiet, busyLagLimit: 0 });
  const root = await system.rootActor();
  const actor = await root.createChild(
    { count: () => tally.add(), echo: (value: number) => value },
    { mode: 'in-memory', name: 'counter' },
  );
  return {
    tell: () => actor.send('count'),
    echo: (value) => actor.sendAndReceive('echo', value),
    async hatch() {
      const child = await root.createChild({}, { mode: 'in-memory', name: 'mayfly' });
      await child.destroy();
    },
    close: () => system.destroy(),
  };
}
