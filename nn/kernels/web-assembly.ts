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
  const module = new WebAssembly.Module(decode(base64));
  return new WebAssembly.Instance(module, { env: { memory } }).exports as Functions;
}

const decode = (base64: string) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
