/** A unit that reads the input and every cascade unit before it, then freezes: features stacked one on another. */
import type { Activation, BlueprintIR } from '../../contracts/blueprint.ts';
import { out, units } from './parts.ts';

/** @see Fahlman and Lebiere, "The cascade-correlation learning architecture", 1990 */
export const cascade = (count: number, activation: Activation): BlueprintIR => ({
  id: `cascade-${count}-${activation}`,
  family: 'cascade',
  spans: ['cascade'],
  nodes: [units('unit', count, activation), out('unit')],
  output: 'out',
  onFossilize: 'frozen',
  tags: ['cascade'],
  description: `${count} ${activation} unit${count === 1 ? '' : 's'} on top of all cascade units before`,
});
