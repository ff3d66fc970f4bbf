/** `esper keys bundle`: what one node needs of all keys, to be carried to its machine. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { allKeysIn } from '../admin/door.ts';
import type { Cli } from '../cli.ts';
import { pairs } from '../render/table.ts';
import { documentOf } from '../views/documents.ts';

interface BundleOptions {
  readonly node: string;
  readonly out: string;
  readonly dir?: string;
}

export function keysBundle(group: Command, cli: Cli): void {
  group
    .command('bundle')
    .description('the keys of one node and nothing else, for its machine')
    .requiredOption('--node <name>', 'whose keys')
    .requiredOption('--out <path>', 'a file when it ends in .tar, else a folder; it must not be there')
    .option('--dir <dir>', 'folder of all keys (ESPER_KEYS; keys in the home unless said)')
    .action((options: BundleOptions) => act(cli, options));
}

async function act(cli: Cli, { node, out: given, dir }: BundleOptions): Promise<void> {
  const { bundle } = await import('../../config/keys/bundle.ts');
  const out = resolve(given);
  const files = await bundle({ folder: allKeysIn(cli, dir), node, out });
  const there = out.endsWith('.tar')
    ? `mkdir -m 700 <folder> && tar xpf ${node}.tar -C <folder>`
    : 'copy it with its modes: others may read nothing of it';
  cli.print(documentOf('KeyBundle', { node, out, files: [...files] }), () =>
    pairs(
      [
        ['keys of', node],
        ['in', out],
        ...files.map((file, at) => [at === 0 ? 'files' : '', file] as const),
        ['there', there],
        ['then', `esper up --node ${node} --keys <folder>`],
      ],
      cli.style,
    ),
  );
}
