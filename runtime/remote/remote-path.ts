/** Where an actor of any node lives: `//node/esper/path`. */

/** Names that may stand between the slashes, in subjects and in keys. */
export const NODE_NAME = '^[a-z][a-z0-9_-]{0,63}$';

/** Longest path within a node, in UTF-16 units: what an envelope takes. */
export const PATH_MAX = 1_024;

const nodeName = new RegExp(NODE_NAME);

export const isNodeName = (name: string): boolean => nodeName.test(name);

export interface RemotePath {
  readonly node: string;
  /** The path within that node, `esper/path`. */
  readonly path: string;
}

/** Nothing when the path names no node, or is longer than an envelope takes. */
export function parseRemotePath(path: string): RemotePath | undefined {
  if (!path.startsWith('//')) return undefined;
  const slash = path.indexOf('/', 2);
  const node = path.slice(2, slash);
  const length = path.length - slash - 1;
  if (slash < 0 || length === 0 || length > PATH_MAX || !isNodeName(node)) return undefined;
  return { node, path: path.slice(slash + 1) };
}

/** @param path within the node, `esper/path` */
export const remotePath = (node: string, path: string): string => `//${node}/${path}`;
