/** Where a broken cluster stands: network namespaces of its own, in which cables can be cut, or plain loopback, where they cannot. */
import { execFileSync } from 'node:child_process';

/** Server and nodes, and the roads between them. */
export interface Ground {
  readonly kind: 'namespaces' | 'loopback';
  /** Address the server listens on, reachable from every place. */
  readonly serverHost: string;
  /** Port of the server where nobody else can have it; null where others listen too. */
  readonly serverPort: number | null;
  /** The command that runs `argv` at a place: `server`, or a node by name. */
  at(place: string, argv: readonly string[]): readonly string[];
  /** Nothing passes between a node and the server, either way. */
  cut(node: string): void;
  /** What the node says is lost; it still hears. */
  mute(node: string): void;
  /** What is said to the node is lost; it is still heard. */
  deafen(node: string): void;
  /** All roads of the node are open again. */
  mend(node: string): void;
  close(): void;
}

/** Why there can be no namespaces here; null when there can. */
export function noNamespaces(): string | null {
  if (process.platform !== 'linux') return `network namespaces are Linux only, this is ${process.platform}`;
  const name = `esper-try-${process.pid}`;
  try {
    ip('netns', 'add', name);
    ip('netns', 'del', name);
    return null;
  } catch (error) {
    return `\`ip netns add\` failed: ${(error as Error).message.trim().split('\n').at(-1)} (it needs iproute2 and root)`;
  }
}

export const loopback: Ground = {
  kind: 'loopback',
  serverHost: '127.0.0.1',
  serverPort: null,
  at: (_place, argv) => argv,
  cut: noRoads,
  mute: noRoads,
  deafen: noRoads,
  mend: () => undefined,
  close: () => undefined,
};

function noRoads(): never {
  throw new Error('there is no road to cut on loopback');
}

/**
 * A bridge in the server's namespace, and for each node a namespace with a cable to it. The addresses exist in there only.
 * @param nodes at most 250
 */
export function namespaces(nodes: readonly string[]): Ground {
  const hub = `esper-${process.pid}-hub`;
  const spaceOf = (node: string) => `esper-${process.pid}-${node}`;
  const addressOf = (node: string) => `10.231.0.${nodes.indexOf(node) + 2}`;
  const serverHost = '10.231.0.1';
  const inside = (space: string, ...args: string[]) => ip('-n', space, ...args);

  ip('netns', 'add', hub);
  inside(hub, 'link', 'set', 'lo', 'up');
  inside(hub, 'link', 'add', 'name', 'bridge0', 'type', 'bridge');
  inside(hub, 'addr', 'add', `${serverHost}/24`, 'dev', 'bridge0');
  inside(hub, 'link', 'set', 'bridge0', 'up');
  for (const [i, node] of nodes.entries()) {
    const space = spaceOf(node);
    ip('netns', 'add', space);
    inside(hub, 'link', 'add', `v${i}`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', space);
    inside(hub, 'link', 'set', `v${i}`, 'master', 'bridge0', 'up');
    inside(space, 'link', 'set', 'lo', 'up');
    inside(space, 'addr', 'add', `${addressOf(node)}/24`, 'dev', 'eth0');
    inside(space, 'link', 'set', 'eth0', 'up');
  }
  const mend = (node: string) => {
    inside(hub, 'link', 'set', `v${nodes.indexOf(node)}`, 'up');
    // Only one of the two may be there, or none.
    quietly(() => inside(spaceOf(node), 'route', 'del', 'blackhole', `${serverHost}/32`));
    quietly(() => inside(hub, 'route', 'del', 'blackhole', `${addressOf(node)}/32`));
  };
  return {
    kind: 'namespaces',
    serverHost,
    serverPort: 4_222,
    at: (place, argv) => ['ip', 'netns', 'exec', place === 'server' ? hub : spaceOf(place), ...argv],
    cut: (node) => inside(hub, 'link', 'set', `v${nodes.indexOf(node)}`, 'down'),
    mute: (node) => inside(spaceOf(node), 'route', 'add', 'blackhole', `${serverHost}/32`),
    deafen: (node) => inside(hub, 'route', 'add', 'blackhole', `${addressOf(node)}/32`),
    mend,
    close() {
      for (const node of nodes) ip('netns', 'del', spaceOf(node));
      ip('netns', 'del', hub);
    },
  };
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

function quietly(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!/No such process|Cannot find/.test((error as Error).message)) throw error;
  }
}
