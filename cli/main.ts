#!/usr/bin/env node
/** The `esper` command: the real world goes in, an exit code comes out. */
import type { Runner } from '../config/runner.ts';
import { nodeWorld } from './node-world.ts';
import { main } from './program.ts';

/** Loaded by name and late: tensors and actors take a second to load, and `esper runs ls` needs neither. */
async function runner(): Promise<Runner> {
  const { runner } = await import(new URL('../config/run.js', import.meta.url).href);
  return runner;
}

process.exitCode = await main(process.argv.slice(2), nodeWorld(runner));
