/** What a handler throws when another try cannot help. */
import { EsperError } from '../../contracts/index.ts';

const CODE = 'OONA_UNDELIVERABLE';

export class Undeliverable extends EsperError {
  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super(CODE, message, {}, { ...options, hint: 'look at the dead letters of the bus' });
    this.name = 'Undeliverable';
  }
}

/** Also when it was thrown in another thread, where only its code survives. */
export const isUndeliverable = (thrown: unknown): boolean =>
  thrown instanceof EsperError && thrown.code === CODE;
