#!/usr/bin/env node
/** The `esper` command: the real world goes in, an exit code comes out. */
import type { NodeOptions } from '../config/cluster/node.ts';
import type { Runner } from '../config/runner.ts';
import { nodeWorld } from './node-world.ts';
import { main } from './program.ts';

/** Loaded late: tensors and actors take a second to load, and `esper runs ls` needs neither. */
async function runner(): Promise<Runner> {
  return (await import('../config/run.ts')).runner;
}

const node = async (options: NodeOptions) => (await import('../config/cluster/node.ts')).startNode(options);

process.exitCode = await main(process.argv.slice(2), nodeWorld({ runner, node }));
