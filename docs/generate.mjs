/** Writes the pages that are made from the code. Run it through `npm run docs`, after a build. */
import { writeFileSync } from 'node:fs';
import { drawPage, MACHINES } from '../dist/machines/index.js';

writeFileSync(new URL('./machines.md', import.meta.url), drawPage(MACHINES));
