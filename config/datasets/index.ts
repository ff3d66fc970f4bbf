/** Data sets by name: load, fetch, list. */
export { CATALOGUE, type CatalogueEntry, type FileSet } from './catalogue.ts';
export type { Dataset, DatasetEnv } from './dataset.ts';
export { type FetchOrder, type FetchReport, fetchDataset } from './fetch.ts';
export { type DataFolders, dataFolders } from './folders.ts';
export { HOMES, type Home, type HomeFile } from './homes.ts';
export { type DatasetListing, listDatasets } from './listing.ts';
export { loadDataset } from './load.ts';
