/** Imported before anything else of a process that shall have a defect: `node --import .../hook.js`. */
import { register } from 'node:module';

export const DEFECT_VARIABLE = 'ESPER_SIM_DEFECT';

const name = process.env[DEFECT_VARIABLE];
if (name !== undefined) register('./loader.js', import.meta.url, { data: name });
