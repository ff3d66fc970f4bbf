/** The cluster as its nodes tell of it: who is up, what runs where. News in, picture out. */
import type { NodeNews, UnitState } from '../../config/cluster/news.ts';

/** `down`: as others say, who may hear of it again; `lost` and `left`: its process has ended. */
export type NodeState = 'starting' | 'up' | 'unreachable' | 'down' | 'lost' | 'left';

export interface UnitPicture {
  /** Where it is, or was last. */
  readonly node: string;
  readonly state: UnitState;
  readonly epoch: number;
}

export interface Picture {
  readonly nodes: ReadonlyMap<string, NodeState>;
  readonly units: ReadonlyMap<string, UnitPicture>;
}

/** @param nodes those that are being started */
export const emptyPicture = (nodes: readonly string[]): Picture => ({
  nodes: new Map(nodes.map((node) => [node, 'starting' as const])),
  units: new Map(),
});

/** The picture after one more piece of news. */
export function evolve(picture: Picture, news: NodeNews): Picture {
  switch (news.what) {
    case 'joined':
      return withNode(picture, news.node, 'up');
    case 'left':
    case 'failed':
      return withNode(picture, news.node, 'left');
    case 'peer':
      return withPeer(picture, news.peer, news.state);
    case 'unit':
      return withUnit(picture, news.unit, { node: news.node, state: news.state, epoch: news.epoch });
    default:
      return picture;
  }
}

/** A process is gone: nobody on it can say so any more. */
export const withoutNode = (picture: Picture, node: string): Picture => without(picture, node, 'lost');

function without(picture: Picture, node: string, state: 'down' | 'lost'): Picture {
  const units = [...picture.units].map(
    ([name, unit]) => [name, unit.node === node ? { ...unit, state: 'gone' as const } : unit] as const,
  );
  return { nodes: new Map(picture.nodes).set(node, state), units: new Map(units) };
}

/** Units that run, by the node they run on. */
export function runningOn({ units }: Picture, node: string): readonly string[] {
  return [...units]
    .filter(([, unit]) => unit.node === node && unit.state === 'running')
    .map(([name]) => name);
}

/** `trainer: triad nissa · forge-a: urza karn · forge-b (lost)`. Only a node itself tells what it runs: no units, no colon. */
export function pictureLine(picture: Picture): string {
  const words = [...picture.nodes].map(([node, state]) => {
    if (state !== 'up') return `${node} (${state})`;
    const units = runningOn(picture, node);
    return units.length === 0 ? node : `${node}: ${units.join(' ')}`;
  });
  return words.join(' · ');
}

const withNode = (picture: Picture, node: string, state: NodeState): Picture => ({
  ...picture,
  nodes: new Map(picture.nodes).set(node, state),
});

/** What others say counts only for a node that nobody has seen end. */
function withPeer(picture: Picture, peer: string, state: string): Picture {
  const known = picture.nodes.get(peer);
  if (known === 'lost' || known === 'left') return picture;
  if (state === 'unreachable') return withNode(picture, peer, 'unreachable');
  if (state === 'down') return without(picture, peer, 'down');
  return state === 'up' ? withNode(picture, peer, 'up') : picture;
}

/** A unit's older life may still be ending when the next has begun elsewhere. */
function withUnit(picture: Picture, unit: string, now: UnitPicture): Picture {
  const known = picture.units.get(unit);
  if (known !== undefined && now.epoch < known.epoch) return picture;
  return { ...picture, units: new Map(picture.units).set(unit, now) };
}
