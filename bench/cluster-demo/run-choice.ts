/** What the demonstration trains: digits when their files are there, else spirals, which need none. */
import { existsSync } from 'node:fs';
import { dataFolders } from '../../config/datasets/folders.ts';

export interface RunChoice {
  readonly file: string;
  /** Where its data comes from, for people. */
  readonly data: string;
}

/** Best first: the smaller the set, the sooner the network has grown up. */
const WITH_FILES = ['optdigits', 'mnist'] as const;

/** @param wanted a file of somebody's own choice */
export function chooseRun(
  wanted: string | undefined,
  dataDir: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): RunChoice {
  if (wanted !== undefined) return { file: wanted, data: 'the data it names' };
  const { dataDirs } = dataFolders(env, dataDir);
  for (const name of WITH_FILES) {
    const folder = dataDirs.find((one) => existsSync(`${one}/${name}`));
    if (folder !== undefined) return { file: `config/${name}.yaml`, data: `${folder}/${name}` };
  }
  return { file: 'config/spirals.yaml', data: 'generated spirals: no data set was found' };
}
