/** Rules about names: every node once, every actor in one unit, and nobody named who is not there. */
import type { UnitSpec } from '../../contracts/placement.ts';
import { nearest } from '../did-you-mean.ts';
import type { Problem } from '../problem.ts';
import { ACTORS, BUILT_IN, type PlacementFile, TRIAD } from './plan.ts';
import type { Places } from './problems.ts';

/** Everything that names something wrongly. */
export function namingProblems(file: PlacementFile, places: Places): readonly Problem[] {
  return [
    ...nodesTwice(file, places),
    ...emptyUnits(file, places),
    ...strangeActors(file, places),
    ...sharedActors(file, places),
    ...tornTriad(file, places),
    ...strangers(file, places),
  ];
}

function nodesTwice({ nodes }: PlacementFile, places: Places): Problem[] {
  const text = (name: string) => `two nodes are called ${name}`;
  const hint = 'give every node a name of its own: the newer of the two would put the other out';
  return nodes.flatMap(({ name }, i) =>
    nodes.findIndex((other) => other.name === name) === i
      ? []
      : [places.problem('PLACEMENT_NODE_TWICE', ['nodes', i, 'name'], text(name), hint)],
  );
}

function emptyUnits({ units }: PlacementFile, places: Places): Problem[] {
  return units
    .filter(({ actors }) => actors.length === 0)
    .map(({ unit }) => {
      const guess = nearest(unit, [...Object.keys(BUILT_IN), ...ACTORS]);
      const hint = guess ? `did you mean ${guess}?` : `say its actors; there are ${ACTORS.join(', ')}`;
      return places.problem('PLACEMENT_UNKNOWN_UNIT', ['units', unit], `there is no unit ${unit}`, hint);
    });
}

function strangeActors({ units }: PlacementFile, places: Places): Problem[] {
  return units.flatMap(({ unit, actors }) =>
    actors.flatMap((actor, i) => {
      if (ACTORS.includes(actor)) return [];
      const guess = nearest(actor, ACTORS);
      const hint = guess ? `did you mean ${guess}?` : `there are ${ACTORS.join(', ')}`;
      const path = ['units', unit, 'actors', i];
      return [places.problem('PLACEMENT_UNKNOWN_ACTOR', path, `there is no actor ${actor}`, hint)];
    }),
  );
}

function sharedActors({ units }: PlacementFile, places: Places): Problem[] {
  const owner = new Map<string, string>();
  const found: Problem[] = [];
  for (const { unit, actors } of units) {
    for (const actor of actors) {
      const other = owner.get(actor);
      owner.set(actor, other ?? unit);
      if (other === undefined) continue;
      const text = other === unit ? `${unit} names ${actor} twice` : `${actor} is in ${other} and in ${unit}`;
      const hint = 'an actor lives in one unit: name it once';
      found.push(places.problem('PLACEMENT_ACTOR_TWICE', ['units', unit], text, hint));
    }
  }
  return found;
}

/** Whoever places one of the three alone would need tensors to be in two memories at once. */
function tornTriad({ units }: PlacementFile, places: Places): Problem[] {
  const torn = units.filter(({ actors }) => {
    const inside = TRIAD.filter((actor) => actors.includes(actor)).length;
    return inside > 0 && inside < TRIAD.length;
  });
  return torn.map(({ unit, actors }) => {
    const here = TRIAD.filter((actor) => actors.includes(actor)).join(' and ');
    const text = `${unit} holds ${here} alone; ${TRIAD.join(', ')} share tensors by reference and live on one node`;
    const hint = `place them together, as the unit triad or with actors: [${TRIAD.join(', ')}]`;
    return places.problem('PLACEMENT_TRIAD_SPLIT', ['units', unit], text, hint);
  });
}

/** Labels no node has, nodes and units that do not exist. */
function strangers({ nodes, units }: PlacementFile, places: Places): Problem[] {
  const labels = [...new Set(nodes.flatMap((node) => node.labels))];
  const nodeNames = nodes.map(({ name }) => name);
  const unitNames = units.map(({ unit }) => unit);
  return units.flatMap((unit) => [
    ...unknownIn(unit, 'labels', labels, 'PLACEMENT_UNKNOWN_LABEL', 'no node has the label', places),
    ...unknownIn(unit, 'pin', nodeNames, 'PLACEMENT_UNKNOWN_NODE', 'there is no node', places),
    ...unknownIn(unit, 'apart', unitNames, 'PLACEMENT_UNKNOWN_UNIT', 'there is no unit', places),
    ...unknownIn(unit, 'near', unitNames, 'PLACEMENT_UNKNOWN_UNIT', 'there is no unit', places),
  ]);
}

function unknownIn(
  plan: UnitSpec,
  field: 'labels' | 'pin' | 'apart' | 'near',
  known: readonly string[],
  code: 'PLACEMENT_UNKNOWN_LABEL' | 'PLACEMENT_UNKNOWN_NODE' | 'PLACEMENT_UNKNOWN_UNIT',
  text: string,
  places: Places,
): Problem[] {
  const words = [plan[field] ?? []].flat();
  return words.flatMap((word, i) => {
    if (known.includes(word)) return [];
    const guess = nearest(word, known);
    const listed = known.length > 0 ? `known: ${known.join(', ')}` : 'there are none';
    const path = ['units', plan.unit, field, ...(field === 'pin' ? [] : [i])];
    return [places.problem(code, path, `${text} ${word}`, guess ? `did you mean ${guess}?` : listed)];
  });
}
