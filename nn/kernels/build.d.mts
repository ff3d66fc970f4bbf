/** What tests ask of the kernel build. */
export const modules: Readonly<
  Record<string, { readonly folder: string; readonly flags: readonly string[] }>
>;
export function sourceHashOf(name: string): string;
export function compile(name: string): Promise<Uint8Array>;
export function artifactOf(name: string): Promise<string>;
