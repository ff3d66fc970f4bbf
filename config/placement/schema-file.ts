/** Writes the schema of placement files as a file that editors read. */
import { schemaDocument } from '../schema-file.ts';
import { placementSchema } from './schema.ts';

/** Text of `config/placement.schema.json`; a test compares it with the file in the repository. */
export const placementSchemaFile = (): string => schemaDocument('Esper placement', placementSchema);
