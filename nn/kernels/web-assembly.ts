/** The few doors of WebAssembly that the kernels need: the compiler's own typings of it come only with a browser. */

export interface WasmMemory {
  readonly buffer: ArrayBuffer;
  /** By pages of 64 KiB. Every view of the old buffer is empty afterwards. @returns pages before */
  grow(pages: number): number;
}

interface Host {
  readonly WebAssembly: {
    readonly Module: new (bytes: Uint8Array) => object;
    readonly Instance: new (module: object, imports: object) => { readonly exports: object };
    readonly Memory: new (limits: {
      readonly initial: number;
      readonly maximum?: number;
      readonly shared?: boolean;
    }) => WasmMemory;
  };
}

const { WebAssembly } = globalThis as unknown as Host;

/** @param limits in pages of 64 KiB */
export const createMemory = (limits: ConstructorParameters<Host['WebAssembly']['Memory']>[0]): WasmMemory =>
  new WebAssembly.Memory(limits);

/**
 * Starts a kernel module on a memory that somebody else owns.
 * @param base64 as the compiled modules carry it
 * @returns its functions; pointers are byte offsets, floats are numbers
 */
export function instantiate<Functions extends object>(base64: string, memory: WasmMemory): Functions {
  return new WebAssembly.Instance(moduleOf(base64), { env: { memory } }).exports as Functions;
}

/** Plans come and go by the dozen while kernels are judged: their code is compiled once. */
const compiled = new Map<string, object>();

function moduleOf(base64: string): object {
  const known = compiled.get(base64);
  if (known !== undefined) return known;
  const module = new WebAssembly.Module(decode(base64));
  compiled.set(base64, module);
  return module;
}

const decode = (base64: string) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
