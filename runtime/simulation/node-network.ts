/** The network as one life of a node has it: what arrives waits out a pause, and a dead hand neither sends nor hears. */
import type { MemoryBroker } from '../adapters/memory/broker.ts';
import type { Leases } from '../ports/leases.ts';
import type { Transport } from '../ports/transport.ts';
import type { Enter } from './node-clock.ts';

export interface NodeNetwork {
  readonly transport: Transport;
  readonly leases: Leases;
}

export function nodeNetwork(
  broker: MemoryBroker,
  name: string,
  alive: () => boolean,
  enter: Enter,
): NodeNetwork {
  const line = broker.connect(name);
  const store = broker.leases(name);
  const transport: Transport = {
    get connected() {
      return line.connected;
    },
    maxBytes: line.maxBytes,
    publish: (subject, bytes) => alive() && line.publish(subject, bytes),
    subscribe: (pattern, handle, options = {}) =>
      line.subscribe(pattern, (bytes, subject) => enter(() => handle(bytes, subject)), options),
    onChange: (tell) => line.onChange((connected) => enter(() => tell(connected))),
    close: () => line.close(),
  };
  /** The answer comes when the node runs again; from the other side of death it never comes. */
  const call = <T>(ask: () => Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      if (!alive()) return;
      ask().then(
        (answer) => enter(() => resolve(answer)),
        (error) => enter(() => reject(error)),
      );
    });
  const leases: Leases = {
    get: (key) => call(() => store.get(key)),
    put: (key, value, expected) => call(() => store.put(key, value, expected)),
    watch: (prefix, tell) => store.watch(prefix, (entry) => enter(() => tell(entry))),
  };
  return { transport, leases };
}
