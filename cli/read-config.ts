/** Reads a config file through the disk and compiles it with the environment and `--set`. */
import { configNotFound, type LoadedConfig, loadConfig } from '../config/load.ts';
import type { Cli } from './cli.ts';

/**
 * @throws CONFIG_NOT_FOUND, CONFIG_INVALID
 */
export async function readConfig(cli: Cli, file: string): Promise<LoadedConfig> {
  const { disk, env } = cli.world;
  if (!(await disk.exists(file))) throw configNotFound(file);
  const text = new TextDecoder().decode(await disk.read(file));
  return loadConfig({ file, text, env, sets: cli.sets });
}
