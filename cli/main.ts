#!/usr/bin/env node
/** The `esper` command: the real world goes in, an exit code comes out. */
import type { Runner } from '../config/runner.ts';
import { nodeWorld } from './node-world.ts';
import { main } from './program.ts';

/** Loaded late: tensors and actors take a second to load, and `esper runs ls` needs neither. */
async function runner(): Promise<Runner> {
  return (await import('../config/run.ts')).runner;
}

process.exitCode = await main(process.argv.slice(2), nodeWorld(runner));
