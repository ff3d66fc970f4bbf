/** Every suite, in the order in which `all` runs them. */
import type { Suite } from '../suite.ts';
import { boundary } from './boundary.ts';
import { bus } from './bus.ts';
import { digest } from './digest.ts';
import { dormant } from './dormant.ts';
import { durable } from './durable.ts';
import { hooks } from './hooks.ts';
import { lifecycle } from './lifecycle.ts';
import { mailbox } from './mailbox.ts';
import { packet } from './packet.ts';
import { remote } from './remote.ts';
import { rollback } from './rollback.ts';
import { start } from './start.ts';
import { taskSuite } from './tasks.ts';
import { tensors } from './tensors.ts';
import { transition } from './transition.ts';
import { wal } from './wal.ts';

export const SUITES: readonly Suite[] = [
  boundary,
  rollback,
  mailbox,
  hooks,
  lifecycle,
  taskSuite,
  remote,
  bus,
  durable,
  packet,
  transition,
  digest,
  dormant,
  tensors,
  wal,
  start,
];
