/** Files from the network, verified before they exist. */
export { type DownloadOrder, download, PATIENCE, type Patience } from './download.ts';
export { digestOf, type Expectation, fileChunks, inspect } from './expectation.ts';
export { gunzipped } from './gunzip.ts';
