/** Data sets by name: load, fetch, list. */
export { CATALOGUE } from './catalogue.ts';
export type { Dataset, DatasetEnv } from './dataset.ts';
export { fetchDataset } from './fetch.ts';
export { dataFolders } from './folders.ts';
export { HOMES, type Home, type HomeFile } from './homes.ts';
export { type DatasetListing, listDatasets } from './listing.ts';
export { loadDataset } from './load.ts';
