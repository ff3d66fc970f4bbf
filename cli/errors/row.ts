/** One row of the error table. */
export type Row = readonly [code: string, meaning: string, next: string];
