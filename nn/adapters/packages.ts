/** Packages that may or may not be installed: asked for at run time, so that nobody downloads what they do not use. */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** Is the package there? Says nothing about whether it works; takes well under a millisecond. */
export function installed(name: string): boolean {
  try {
    require.resolve(`${name}/package.json`);
    return true;
  } catch (cause) {
    if (codeOf(cause) === 'MODULE_NOT_FOUND') return false;
    // A package that hides its package.json is still there.
    if (codeOf(cause) === 'ERR_PACKAGE_PATH_NOT_EXPORTED') return true;
    throw cause;
  }
}

/** Loads a CommonJS package. @typeParam T what the caller knows of it */
export const loadCommon = <T>(name: string): T => require(name) as T;

/** Loads an ES module. @typeParam T what the caller knows of it */
export const loadModule = async <T>(name: string): Promise<T> => (await import(name)) as T;

const codeOf = (thrown: unknown) => (thrown as NodeJS.ErrnoException).code;
