/** Every suite, in the order in which `all` runs them. */
import type { Suite } from '../suite.ts';
import { boundary } from './boundary.ts';
import { mailbox } from './mailbox.ts';
import { packet } from './packet.ts';
import { rollback } from './rollback.ts';

export const SUITES: readonly Suite[] = [boundary, rollback, mailbox, packet];
