/** From a placement file a person wrote to one a cluster can trust: everything that is wrong with it is told at once. */
import { EsperError } from '../../contracts/index.ts';
import type { UnitSpec } from '../../contracts/placement.ts';
import { check } from '../check.ts';
import type { Problem } from '../problem.ts';
import { treeFromYaml } from '../yaml-tree.ts';
import { fittingProblems } from './fitting.ts';
import { namingProblems } from './naming.ts';
import { BUILT_IN, type Capacity, type NodePlan, type PlacementFile } from './plan.ts';
import { PlacementInvalid, Places } from './problems.ts';
import { placementSchema } from './schema.ts';
import { nearnessProblems, spreadProblems } from './spreading.ts';

/**
 * Compiles a placement file.
 * @param source `file` names it in messages, `text` is what it says
 * @throws PLACEMENT_INVALID (PlacementInvalid) holding every problem found
 */
export function loadPlacement(source: { readonly file: string; readonly text: string }): PlacementFile {
  const { tree, problems } = treeFromYaml(source.text, source.file);
  if (problems.length > 0) throw new PlacementInvalid(problems);
  const checked = check(placementSchema, tree);
  if (checked.problems.length > 0) throw new PlacementInvalid(checked.problems.toSorted(inReadingOrder));
  const file = complete(checked.value as Written);
  const places = new Places(tree);
  const wrong = [
    ...emptyFile(file, places),
    ...namingProblems(file, places),
    ...nearnessProblems(file, places),
  ];
  // Who is nowhere to be found needs no second complaint that nothing fits.
  const all = wrong.length > 0 ? wrong : [...fittingProblems(file, places), ...spreadProblems(file, places)];
  if (all.length > 0) throw new PlacementInvalid(all.toSorted(inReadingOrder));
  return file;
}

/** The failure for a placement file that is not there. */
export const placementNotFound = (file: string): EsperError =>
  new EsperError(
    'PLACEMENT_NOT_FOUND',
    `there is no placement file ${file}`,
    { file },
    { hint: 'name one: esper up --config <file>; Esper brings config/placement.yaml to begin with' },
  );

interface Written extends Partial<Omit<PlacementFile, 'nodes' | 'units'>> {
  readonly nodes: readonly {
    readonly name: string;
    readonly labels?: string[];
    readonly capacity?: Capacity;
  }[];
  readonly units?: Readonly<Record<string, Partial<Omit<UnitSpec, 'unit'>>>>;
}

/** Defaults filled in; actors that no unit names get a unit of their own that may be anywhere. */
function complete({ nodes, units = {}, ...written }: Written): PlacementFile {
  const named = Object.entries(units).map(([unit, plan]) => unitPlan(unit, plan));
  const placed = new Set(named.flatMap(({ actors }) => actors));
  const rest = Object.entries(BUILT_IN)
    .filter(([unit, actors]) => !(unit in units) && !actors.some((actor) => placed.has(actor)))
    .map(([unit]) => unitPlan(unit, {}));
  return {
    cluster: 'esper',
    generation: 1,
    nats: 'nats://127.0.0.1:4222',
    beatMs: 900,
    leaseMs: 6_000,
    ...written,
    nodes: nodes.map(({ name, labels = [], capacity = {} }): NodePlan => ({ name, labels, capacity })),
    units: [...named, ...rest],
  };
}

const unitPlan = (unit: string, plan: Partial<UnitSpec>): UnitSpec => ({
  labels: [],
  apart: [],
  near: [],
  needs: {},
  warm: 0,
  handover: 'state',
  ...plan,
  unit,
  actors: [...(plan.actors ?? actorsOf(unit))],
});

/** A unit may be called after what it holds: the triad, or one actor. */
const actorsOf = (unit: string): readonly string[] => {
  if (Object.hasOwn(BUILT_IN, unit)) return BUILT_IN[unit] ?? [];
  return Object.values(BUILT_IN)
    .flat()
    .filter((actor) => actor === unit);
};

function emptyFile({ nodes }: PlacementFile, places: Places): readonly Problem[] {
  if (nodes.length > 0) return [];
  const hint = 'name at least one: - name: trainer';
  return [places.problem('PLACEMENT_NO_NODES', ['nodes'], 'a cluster needs a node', hint)];
}

const inReadingOrder = ({ at: a }: Problem, { at: b }: Problem): number =>
  (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
