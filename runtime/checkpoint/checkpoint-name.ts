/** The name of a checkpoint file says which it is and what its bytes hash to, so that no file can stand in for another. */

export interface CheckpointName {
  /** Counts files ever written to a store; the highest is the newest, even after a rollback to an older boundary. */
  readonly serial: number;
  readonly boundary: number;
  /** First half of the file's SHA-256. */
  readonly hash: string;
}

const PATTERN = /^(\d{8,})-boundary-(\d+)-([0-9a-f]{32})\.safetensors$/;

export function checkpointName({ serial, boundary, hash }: CheckpointName): string {
  return `${String(serial).padStart(8, '0')}-boundary-${boundary}-${hash.slice(0, 32)}.safetensors`;
}

/** Nothing for a file that is no checkpoint. */
export function parseCheckpointName(file: string): CheckpointName | undefined {
  const [, serial, boundary, hash] = PATTERN.exec(file) ?? [];
  if (serial === undefined || boundary === undefined || hash === undefined) return undefined;
  return { serial: Number(serial), boundary: Number(boundary), hash };
}
