/** The library as a value: kernels, certificates, lineage and quarantine, with the questions one may ask of it. */
import type {
  BlueprintQuarantined,
  CatalogueEntry,
  Certificate,
  Kernel,
  KernelsQueried,
} from '../../contracts/index.ts';

/** A kernel on the shelf. It is immutable; certificates come and go with engines. */
export interface ShelvedKernel {
  readonly kernel: Kernel;
  /** Blueprints it descends from. */
  readonly parents: readonly string[];
}

export interface ShelvedCertificate {
  readonly certificate: Certificate;
  readonly engine: string;
}

export interface Library {
  readonly engine: string;
  readonly kernels: ReadonlyMap<string, ShelvedKernel>;
  /** By kernel id, for the present engine only. */
  readonly certificates: ReadonlyMap<string, Certificate>;
  /** By blueprint id. */
  readonly quarantine: ReadonlyMap<string, BlueprintQuarantined>;
}

export const emptyLibrary = (engine: string): Library => ({
  engine,
  kernels: new Map(),
  certificates: new Map(),
  quarantine: new Map(),
});

export const withKernel = (library: Library, shelved: ShelvedKernel): Library => ({
  ...library,
  kernels: new Map(library.kernels).set(shelved.kernel.kernelId, shelved),
});

/** Keeps a certificate of the present engine; others say nothing about this one. */
export function withCertificate(library: Library, { certificate, engine }: ShelvedCertificate): Library {
  if (engine !== library.engine) return library;
  return { ...library, certificates: new Map(library.certificates).set(certificate.kernelId, certificate) };
}

export const withQuarantined = (library: Library, found: BlueprintQuarantined): Library => ({
  ...library,
  quarantine: new Map(library.quarantine).set(found.blueprintId, found),
});

/** What a shelf holds, or an earlier life gave. */
export interface Stock {
  readonly kernels: readonly ShelvedKernel[];
  readonly certificates: readonly ShelvedCertificate[];
  readonly quarantine: readonly BlueprintQuarantined[];
}

/** All of it at once: one after the other, each would copy the library as it is by then. */
export const stocked = (library: Library, { kernels, certificates, quarantine }: Stock): Library => ({
  engine: library.engine,
  kernels: new Map([
    ...library.kernels,
    ...kernels.map((shelved) => [shelved.kernel.kernelId, shelved] as const),
  ]),
  certificates: new Map([
    ...library.certificates,
    ...certificates
      .filter(({ engine }) => engine === library.engine)
      .map(({ certificate }) => [certificate.kernelId, certificate] as const),
  ]),
  quarantine: new Map([
    ...library.quarantine,
    ...quarantine.map((found) => [found.blueprintId, found] as const),
  ]),
});

/** Certified kernels that match, lowest risk first, then by blueprint id. */
export function findKernels(library: Library, query: KernelsQueried): readonly CatalogueEntry[] {
  const found: CatalogueEntry[] = [];
  for (const { kernel } of library.kernels.values()) {
    const certificate = library.certificates.get(kernel.kernelId);
    if (certificate?.verdict !== 'VALIDATED' || library.quarantine.has(kernel.blueprint.id)) continue;
    if (matches({ kernel, certificate }, query)) found.push({ kernel, certificate });
  }
  return found.sort(
    (a, b) =>
      a.certificate.riskScore - b.certificate.riskScore ||
      (a.kernel.blueprint.id < b.kernel.blueprint.id ? -1 : 1),
  );
}

/** A kernel and what it descends from, nearest first; a loop is walked once. */
export function lineageOf(library: Library, blueprintId: string): readonly string[] {
  const parentsOf = new Map(
    [...library.kernels.values()].map(({ kernel, parents }) => [kernel.blueprint.id, parents]),
  );
  const line = new Set([blueprintId]);
  for (const id of line) for (const parent of parentsOf.get(id) ?? []) line.add(parent);
  return [...line];
}

function matches({ kernel, certificate }: CatalogueEntry, query: KernelsQueried): boolean {
  const { blueprint } = kernel;
  const tags = new Set([...blueprint.tags, ...certificate.tags]);
  return (
    (query.kernelId === null || query.kernelId === kernel.kernelId) &&
    (query.families.length === 0 || query.families.includes(blueprint.family)) &&
    (query.spans.length === 0 || blueprint.spans.some((span) => query.spans.includes(span))) &&
    query.requiredTags.every((tag) => tags.has(tag)) &&
    !query.excludedTags.some((tag) => tags.has(tag))
  );
}
