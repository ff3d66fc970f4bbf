/** Why a model of somebody else cannot be taken over, said so that its owner knows what to change. */
import { EsperError } from '../../contracts/failure.ts';

/** @param layer its name; @param why continues "layer <name> ..."; @param hint what to do instead */
export const unsupported = (layer: string, why: string, hint: string): EsperError =>
  new EsperError('NN_WRAP_UNSUPPORTED', `layer ${layer} ${why}`, { layer }, { hint });
