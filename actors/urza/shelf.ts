/** The library on disk: one file per kernel and certificate, never changed, believed only if its hash agrees. */
import { type TSchema, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { BlueprintQuarantined, Certificate, canonicalText, Kernel } from '../../contracts/index.ts';
import type { Disk } from '../../runtime/index.ts';
import type { ShelvedCertificate, ShelvedKernel, Stock } from './library.ts';

export const KernelFile = Type.Object({ kernel: Kernel, parents: Type.Array(Type.String()) });
export const CertificateFile = Type.Object({ certificate: Certificate, engine: Type.String() });
const QuarantineFile = Type.Object({ found: Type.Array(BlueprintQuarantined.schema) });

export interface ShelfContents extends Stock {
  /** Files that did not match their hash. They were moved to `corrupt/` and count as missing. */
  readonly corrupted: readonly string[];
}

export class Shelf {
  readonly #disk: Disk;
  readonly #home: string;
  readonly #sha256: (text: string) => string;

  /** @param home a folder of its own, such as `<home>/urza` */
  constructor(disk: Disk, home: string, sha256: (text: string) => string) {
    this.#disk = disk;
    this.#home = home;
    this.#sha256 = sha256;
  }

  /** Reads everything, making the folders when they are missing. */
  async load(): Promise<ShelfContents> {
    for (const folder of ['kernels', 'certificates', 'corrupt'])
      await this.#disk.folder(`${this.#home}/${folder}`);
    const corrupted: string[] = [];
    const readAll = async (
      folder: string,
      schema: TSchema,
      proves: (body: unknown, name: string) => boolean,
    ) => {
      const bodies: unknown[] = [];
      for (const name of await this.#disk.list(folder === '' ? this.#home : `${this.#home}/${folder}`)) {
        if (!name.endsWith('.json')) continue;
        const path = folder === '' ? name : `${folder}/${name}`;
        const body = this.#open(await this.#disk.read(`${this.#home}/${path}`), schema);
        if (body !== undefined && proves(body, name)) bodies.push(body);
        else corrupted.push(await this.#setAside(path));
      }
      return bodies;
    };
    const kernels = await readAll('kernels', KernelFile, (body, name) =>
      this.#isAddress(body as ShelvedKernel, name),
    );
    const certificates = await readAll('certificates', CertificateFile, () => true);
    const quarantine = (await readAll('', QuarantineFile, () => true)) as { found: BlueprintQuarantined[] }[];
    return {
      kernels: kernels as ShelvedKernel[],
      certificates: certificates as ShelvedCertificate[],
      quarantine: quarantine.flatMap(({ found }) => found),
      corrupted,
    };
  }

  async putKernel(shelved: ShelvedKernel): Promise<void> {
    await this.#write(`kernels/${digitsOf(shelved.kernel.kernelId)}.json`, shelved);
  }

  async putCertificate(shelved: ShelvedCertificate): Promise<void> {
    const engine = this.#sha256(shelved.engine).slice(0, 16);
    await this.#write(`certificates/${digitsOf(shelved.certificate.kernelId)}-${engine}.json`, shelved);
  }

  async putQuarantine(found: readonly BlueprintQuarantined[]): Promise<void> {
    await this.#write('quarantine.json', { found });
  }

  async #write(path: string, body: unknown): Promise<void> {
    const text = JSON.stringify(body);
    const file = `${JSON.stringify({ sha256: this.#sha256(text) })}\n${text}\n`;
    await this.#disk.writeAtomic(`${this.#home}/${path}`, new TextEncoder().encode(file));
  }

  /** The body of a file, or undefined when the file is not what was written. */
  #open(bytes: Uint8Array, schema: TSchema): unknown {
    const [head = '', text = ''] = new TextDecoder().decode(bytes).split('\n');
    if (head !== JSON.stringify({ sha256: this.#sha256(text) })) return undefined;
    const body: unknown = JSON.parse(text);
    return Value.Check(schema, body) ? body : undefined;
  }

  /** A kernel's name is the hash of its graph: a file that was swapped for another is found out, too. */
  #isAddress({ kernel }: ShelvedKernel, name: string): boolean {
    const digits = this.#sha256(canonicalText(kernel.blueprint));
    return digitsOf(kernel.kernelId) === digits && name === `${digits}.json`;
  }

  async #setAside(path: string): Promise<string> {
    await this.#disk.rename(`${this.#home}/${path}`, `${this.#home}/corrupt/${path.replaceAll('/', '-')}`);
    return path;
  }
}

const digitsOf = (kernelId: string) => kernelId.replace(/^sha256:/, '').replace(/-[a-z]+$/, '');
