/** Rules between units: who is apart from whom, who is near whom, and whether there are nodes enough for it. */
import type { UnitSpec } from '../../contracts/placement.ts';
import type { Problem } from '../problem.ts';
import { fits } from './fitting.ts';
import type { PlacementFile } from './plan.ts';
import type { Places } from './problems.ts';

/** Trials before an answer is given up on; a file for people is decided long before. */
const TRIALS_MAX = 100_000;

/** Wishes of one unit that another of its wishes, or of its neighbours', makes impossible. */
export function nearnessProblems({ units }: PlacementFile, places: Places): readonly Problem[] {
  return units.flatMap((unit) => {
    const name = unit.unit;
    const toItself = (['apart', 'near'] as const)
      .filter((field) => unit[field].includes(name))
      .map((field) => {
        const text = `${name} cannot be ${field === 'apart' ? 'apart from' : 'near'} itself`;
        const hint = `take ${name} out of the list; for copies that wait elsewhere, use warm`;
        return places.problem('PLACEMENT_NEAR_ITSELF', ['units', name, field], text, hint);
      });
    const torn = unit.apart.flatMap((other) => {
      const way = other === name ? null : wayNear(units, name, other);
      if (way === null) return [];
      const through = way.length > 2 ? ` through ${way.slice(1, -1).join(', ')}` : '';
      const text = `${name} is to be apart from ${other} and near it${through}`;
      return [
        places.problem(
          'PLACEMENT_NEAR_AND_APART',
          ['units', name, 'apart'],
          text,
          'keep one of the two wishes',
        ),
      ];
    });
    return [...toItself, ...torn];
  });
}

/** Can all units that must be apart be placed at once? */
export function spreadProblems(file: PlacementFile, places: Places): readonly Problem[] {
  const foes = foesOf(file.units);
  const spread = file.units.filter(({ unit }) => (foes.get(unit)?.size ?? 0) > 0);
  const homes = new Map(
    spread.map((unit) => [unit.unit, file.nodes.filter((node) => fits(unit, node)).map(({ name }) => name)]),
  );
  if (spread.length === 0 || placeable(spread, homes, foes)) return [];
  const name = (spread[0] as UnitSpec).unit;
  const text = `${spread.map(({ unit }) => unit).join(', ')} must be apart, and ${new Set([...homes.values()].flat()).size} nodes can take them`;
  const hint = 'add a node with their labels, or take one out of apart';
  return [places.problem('PLACEMENT_SPREAD_IMPOSSIBLE', ['units', name, 'apart'], text, hint)];
}

/** Being apart is mutual, whoever of the two says it. */
function foesOf(units: readonly UnitSpec[]): ReadonlyMap<string, ReadonlySet<string>> {
  const foes = new Map(units.map(({ unit }) => [unit, new Set<string>()]));
  for (const { unit, apart } of units) {
    for (const other of apart) {
      foes.get(unit)?.add(other);
      foes.get(other)?.add(unit);
    }
  }
  return foes;
}

/** Tries the most constrained unit first; true as well when the question is too hard to be worth an answer. */
function placeable(
  units: readonly UnitSpec[],
  homes: ReadonlyMap<string, readonly string[]>,
  foes: ReadonlyMap<string, ReadonlySet<string>>,
): boolean {
  const order = [...units].sort(
    (a, b) => (homes.get(a.unit)?.length ?? 0) - (homes.get(b.unit)?.length ?? 0),
  );
  const chosen = new Map<string, string>();
  let trials = 0;
  const place = (at: number): boolean => {
    const unit = order[at]?.unit;
    if (unit === undefined || ++trials > TRIALS_MAX) return true;
    const taken = new Set([...(foes.get(unit) ?? [])].map((foe) => chosen.get(foe)));
    for (const node of homes.get(unit) ?? []) {
      if (taken.has(node)) continue;
      chosen.set(unit, node);
      if (place(at + 1)) return true;
      chosen.delete(unit);
    }
    return false;
  };
  return place(0);
}

/** Units from one to the other along `near`, read both ways; null when there is no way. */
function wayNear(units: readonly UnitSpec[], from: string, to: string): readonly string[] | null {
  const friends = (name: string) =>
    units
      .filter(
        ({ unit, near }) => near.includes(name) || units.find((u) => u.unit === name)?.near.includes(unit),
      )
      .map(({ unit }) => unit);
  const cameFrom = new Map<string, string | null>([[from, null]]);
  for (const name of cameFrom.keys()) {
    for (const friend of friends(name)) if (!cameFrom.has(friend)) cameFrom.set(friend, name);
  }
  if (!cameFrom.has(to)) return null;
  const way: string[] = [];
  for (let at: string | null | undefined = to; at; at = cameFrom.get(at)) way.unshift(at);
  return way;
}
