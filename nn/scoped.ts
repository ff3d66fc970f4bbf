/** Work whose tensors are all freed when it ends, except those that were kept on purpose. */
import { tidy } from './adapters/tensorflow.ts';

/** @returns whatever `work` returns; it must not be an unkept tensor */
export function scoped<T>(work: () => T): T {
  let result: { readonly value: T } | null = null as { readonly value: T } | null;
  tidy(() => {
    result = { value: work() };
  });
  if (result === null) throw new Error('the scope ended without running its work');
  return result.value;
}
