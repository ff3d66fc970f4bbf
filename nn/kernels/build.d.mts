/** What tests ask of the kernel build. @returns sha256 over the names and texts of a module's source files */
export function sourceHashOf(name: string): string;
