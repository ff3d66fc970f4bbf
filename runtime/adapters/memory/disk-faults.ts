/** Faults a test arms before it does something: the n-th write fails, or everything after it. */
import type { DiskCode } from '../../ports/disk-errors.ts';

export type DiskOperation =
  | 'open'
  | 'read'
  | 'write'
  | 'sync'
  | 'truncate'
  | 'rename'
  | 'remove'
  | 'syncFolder';

export interface DiskFault {
  /** `change` matches whatever alters the disk: write, sync, truncate, rename, remove, syncFolder. */
  readonly operation: DiskOperation | 'change';
  /** 1-based: 1 is the very next one. */
  readonly nth: number;
  readonly code: DiskCode;
  /** Bytes a failing write leaves behind; 0 unless said. */
  readonly wrote?: number;
  /** From the n-th on every one fails: a cable pulled, not a hiccup. */
  readonly lasting?: boolean;
}

/** Counts operations against armed faults. */
export function faultBox() {
  let armed: { fault: DiskFault; left: number }[] = [];
  let operations = 0;
  return {
    get operations() {
      return operations;
    },
    arm: (fault: DiskFault) => void armed.push({ fault, left: fault.nth }),
    clear: () => {
      armed = [];
    },
    /** The fault that strikes this operation, if any. */
    next(operation: DiskOperation): DiskFault | undefined {
      const changes = operation !== 'open' && operation !== 'read';
      if (changes) operations++;
      let striking: DiskFault | undefined;
      for (const one of armed) {
        if (one.fault.operation !== operation && !(one.fault.operation === 'change' && changes)) continue;
        one.left--;
        if (one.left === 0 || (one.left < 0 && one.fault.lasting)) striking ??= one.fault;
      }
      return striking;
    },
  };
}
