/** NATS as the broker of a cluster: a link of one node, and a server of one's own. */
export { type NatsLink, openNats } from './link.ts';
export type { NatsOptions } from './options.ts';
export {
  findNatsServer,
  type NatsServer,
  startNatsServer,
  useNatsServer,
} from './server.ts';
