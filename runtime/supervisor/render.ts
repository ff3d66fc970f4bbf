/** Prints a tree, planned or alive, for documents and for people at three in the morning. */
import type { TreeNode } from '../actor/tree-node.ts';
import type { ChildSpec } from './spec.ts';

/** The plan: `training (one_for_all, rollback)`, `tolaria  transient`. */
export function renderSpec(spec: ChildSpec): string {
  return render(spec, describe, (one) => (one.kind === 'supervisor' ? one.children : []));
}

/** What is alive now: lifecycle, incarnation, crashes and waiting mail where they say something. */
export function renderTree(node: TreeNode): string {
  return render(node, describeAlive, ({ children }) => children);
}

function describe(spec: ChildSpec): string {
  const restart = spec.restart === 'permanent' ? '' : `  ${spec.restart}`;
  if (spec.kind === 'worker') return spec.id + restart;
  const { backoff } = spec;
  if (spec.kind === 'pool') {
    const words = [`pool of ${spec.template.id}`, backoff === null ? '' : 'back-off'];
    return `${spec.id} (${words.filter((word) => word !== '').join(', ')})${restart}`;
  }
  const { strategy, onFailure } = spec;
  const words = [strategy, onFailure === 'rollback' ? 'rollback' : '', backoff === null ? '' : 'back-off'];
  return `${spec.id} (${words.filter((word) => word !== '').join(', ')})${restart}`;
}

function describeAlive({ id, lifecycle, incarnation, crashes, mailbox }: TreeNode): string {
  const facts = [`${lifecycle} #${incarnation}`];
  if (crashes > 0) facts.push(`${crashes} ${crashes === 1 ? 'crash' : 'crashes'}`);
  if (mailbox > 0) facts.push(`${mailbox} waiting`);
  return `${id}  ${facts.join(', ')}`;
}

function render<T>(
  node: T,
  line: (node: T) => string,
  below: (node: T) => readonly T[],
  indent = '',
): string {
  const children = below(node);
  const lines = children.map((child, i) => {
    const last = i === children.length - 1;
    const inner = render(child, line, below, indent + (last ? '   ' : '│  '));
    return `${indent}${last ? '└─ ' : '├─ '}${inner}`;
  });
  return [line(node), ...lines].join('\n');
}
