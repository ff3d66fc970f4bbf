/** What nodes must agree on before they talk: a hash of every message, of the form letters travel in, and of the engine that computes. */
import { CATALOGUE } from '../../contracts/catalogue.ts';
import { nodeHasher } from '../../runtime/adapters/node/hasher.ts';
import { ENVELOPE_VERSION } from '../../runtime/remote/envelope.ts';
import { engine } from '../engine.ts';
import { sha256Of } from '../hosts/ports.ts';

/** 16 hex digits; other messages or another engine, another hash. @param ofEngine a test may be another engine */
export function protocolHash(ofEngine: string = engine): string {
  const said = CATALOGUE.map(({ type, v, schema }) => `${type} ${v} ${JSON.stringify(schema)}`).sort();
  return sha256Of(nodeHasher())([...said, `letters ${ENVELOPE_VERSION}`, ofEngine].join('\n')).slice(0, 16);
}
