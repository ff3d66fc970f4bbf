/** Writes the schema as a file that editors read: completion and checks while a config is being typed. */
import { configSchema, type Schema } from './schema.ts';

/** Text of `config/esper.schema.json`; a test compares it with the file in the repository. */
export const schemaFile = (): string => schemaDocument('Esper training run', configSchema);

/** A schema as a JSON document with a title, laid out as this repository lays out JSON. */
export function schemaDocument(title: string, schema: Schema): string {
  const document = { $schema: 'http://json-schema.org/draft-07/schema#', title, ...schema };
  return `${JSON.stringify(document, null, 2).replace(LIST, onOneLine)}\n`;
}

/** Lists that fit into a line are written on one, as the formatter of this repository would. */
const LIST = /^( *(?:"\w+": )?)\[\s+([^[\]{}]*?)\s+\](,?)$/gm;

function onOneLine(list: string, before: string, items: string, after: string): string {
  const line = `${before}[${items.split(/,\s+/).join(', ')}]${after}`;
  return line.length <= 110 ? line : list;
}
