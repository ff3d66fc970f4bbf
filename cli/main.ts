#!/usr/bin/env node
/** The `esper` command: the real world goes in, an exit code comes out. */
import { existsSync } from 'node:fs';
import type { NodeOptions } from '../config/cluster/node.ts';
import { beginHosts } from '../config/hosts/early.ts';
import type { Runner } from '../config/runner.ts';
import { loadNow } from '../runtime/adapters/node/load-now.ts';

const args = process.argv.slice(2);
const trains = args[0] === 'train' || args[0] === 'resume';
// Before anything else is loaded: the threads load what they need while this one reads what there is to do.
if (trains) beginHosts({ innovation: args[0] === 'train', judging: !existsSync(`${likelyHome()}/urza`) });

/** As `Cli.home` will say, as far as can be told before the command line is read. */
function likelyHome(): string {
  return args.find((_, i) => args[i - 1] === '--home') ?? (process.env.ESPER_HOME || '.esper');
}

/** Loaded late: tensors and actors take a second to load, and `esper runs ls` needs neither. */
async function runner(): Promise<Runner> {
  return (await import('../config/run.ts')).runner;
}

const node = async (options: NodeOptions) => (await import('../config/cluster/node.ts')).startNode(options);

const early = ['./program.js', './node-world.js'];
for (const module of trains ? [...early, `./commands/${args[0]}.js`, '../config/run.js'] : early)
  loadNow(new URL(module, import.meta.url));
const [{ main }, { nodeWorld }] = await Promise.all([import('./program.ts'), import('./node-world.ts')]);
process.exitCode = await main(args, nodeWorld({ runner, node }));
