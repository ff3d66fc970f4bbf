/** The transport over NATS: core subjects, at most once, nothing kept while it is down. */
import type { Msg } from 'nats';
import type { Transport } from '../../ports/transport.ts';
import type { Connection } from './connection.ts';
import { plainBytes } from './plain-bytes.ts';

/** Closing it ends its subscriptions and leaves the connection to whoever opened it. */
export function natsTransport(connection: Connection): Transport {
  const ends = new Set<() => void>();
  let closed = false;
  const listen = (end: () => void) => {
    ends.add(end);
    return () => {
      if (ends.delete(end)) end();
    };
  };
  return {
    get connected() {
      return !closed && connection.up;
    },
    get maxBytes() {
      return connection.maxBytes;
    },
    publish: (subject, bytes) =>
      !closed && bytes.length <= connection.maxBytes && connection.publish(subject, bytes),
    subscribe(pattern, handle, { queue } = {}) {
      if (closed) return () => undefined;
      const take = ({ data, subject }: Msg) => handle(plainBytes(data), subject);
      return listen(connection.subscribe(pattern, take, queue));
    },
    onChange: (tell) => listen(connection.onChange(tell)),
    close() {
      closed = true;
      for (const end of ends) end();
      ends.clear();
    },
  };
}
