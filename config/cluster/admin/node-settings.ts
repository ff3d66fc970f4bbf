/** Settings of a node: how much it logs can be set while it runs, the rest is what it was started with. */
import { Type } from '@sinclair/typebox';
import { type FixedSetting, type LiveSetting, settingsHandlers } from '../../../actors/admin/settings.ts';
import type { LogLevel } from '../../../runtime/ports/log.ts';
import type { AdminWorld } from './world.ts';

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;

export function nodeSettings(world: AdminWorld) {
  const { ports, placement } = world;
  const live: LiveSetting[] = [
    {
      key: 'log.level',
      about: 'least level this node writes to its log; its threads keep theirs',
      schema: Type.Union(LEVELS.map((level) => Type.Literal(level))),
      read: () => ports.log.level,
      async apply(level) {
        ports.log.level = level as LogLevel;
      },
    },
  ];
  const started = 'the node was started with it';
  const agreed = 'all nodes have it from the placement file';
  const fixed = (key: string, about: string, value: unknown, whyNot: string): FixedSetting => {
    return { key, about, value, whyNot };
  };
  return settingsHandlers(live, [
    fixed('node.name', 'name of the node that answers', world.name, started),
    fixed('node.home', 'folder of its runs, its library and its log', world.home, started),
    fixed('node.version', 'version of Esper there', world.version, started),
    fixed('node.protocol', 'hash of what it speaks', world.protocol, started),
    fixed('cluster.name', 'what subjects and streams begin with', placement.cluster, agreed),
    fixed('cluster.beatMs', 'from one beat to the next', placement.beatMs, agreed),
    fixed('cluster.leaseMs', 'life of a lease', placement.leaseMs, agreed),
    fixed('placement.generation', 'of the placement file', placement.generation, agreed),
  ]);
}
