/** What a disk says when it says no: few codes, each with what to do next. */
import { EsperError } from '../../contracts/failure.ts';

export type DiskCode = 'DISK_NOT_FOUND' | 'DISK_EXISTS' | 'DISK_FULL' | 'DISK_DENIED' | 'DISK_FAILED';

const HINTS: Readonly<Record<DiskCode, string>> = {
  DISK_NOT_FOUND: 'check the path; a run keeps its files in the folder it was started with',
  DISK_EXISTS: 'choose another name or remove the file first',
  DISK_FULL: 'free some space or move the folder to a larger disk, then resume',
  DISK_DENIED: 'give this user the right to read and write the folder',
  DISK_FAILED: 'look into the system log for device errors before trusting this disk again',
};

/**
 * @param operation what was tried: `write`, `sync`, `rename` ...
 * @param cause the error of the driver
 */
export function diskError(code: DiskCode, operation: string, path: string, cause?: unknown): EsperError {
  const because = cause instanceof Error ? `: ${cause.message}` : '';
  return new EsperError(
    code,
    `${operation} of ${path} failed${because}`,
    { path, operation },
    {
      hint: HINTS[code],
      retryable: code === 'DISK_FULL',
      ...(cause === undefined ? {} : { cause }),
    },
  );
}
