/** Reads YAML into a tree that knows the line and column of everything; what YAML itself forbids becomes problems. */
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import type { Origin, Problem } from './problem.ts';
import { type Branch, emptyBranch, type Tree } from './tree.ts';

/** More nodes than any run needs: aliases of aliases of aliases end here. */
const NODES_MAX = 10_000;
const DEPTH_MAX = 16;

export interface YamlTree {
  readonly tree: Branch;
  readonly problems: readonly Problem[];
}

/**
 * @param file  name used in every place
 * @returns the tree as far as it could be read; an empty document is an empty branch
 */
export function treeFromYaml(text: string, file: string): YamlTree {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false });
  const at = (offset: number): Origin => {
    const { line, col } = lines.linePos(offset);
    return { kind: 'file', label: file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const root = emptyBranch(at(0));
  const problems: Problem[] = [...document.errors, ...document.warnings].map((error) => ({
    code: error.code === 'DUPLICATE_KEY' ? 'CONFIG_DUPLICATE_KEY' : 'CONFIG_SYNTAX',
    path: '',
    at: at(error.pos[0]),
    text: error.code === 'DUPLICATE_KEY' ? 'this key was given before' : error.message,
    hint: error.code === 'DUPLICATE_KEY' ? 'keep one of the two' : 'check indentation, colons and quotes',
  }));
  if (problems.length > 0 || document.contents === null) return { tree: root, problems };
  const reader = new Reader(document, at);
  const tree = reader.read(document.contents, 0);
  if (reader.problems.length > 0) return { tree: root, problems: reader.problems };
  if (tree.kind === 'map') return { tree, problems: [] };
  const text_ = 'a config is a list of settings, `name: value`';
  return { tree: root, problems: [{ code: 'CONFIG_SYNTAX', path: '', at: tree.at, text: text_, hint: '' }] };
}

class Reader {
  readonly problems: Problem[] = [];
  private nodes = 0;

  constructor(
    private readonly document: ReturnType<typeof parseDocument>,
    private readonly at: (offset: number) => Origin,
  ) {}

  read(node: Node | null, depth: number): Tree {
    const at = this.at(node?.range?.[0] ?? 0);
    if (++this.nodes > NODES_MAX || depth > DEPTH_MAX) return this.tooMuch(at);
    if (isAlias(node)) return this.read(node.resolve(this.document) ?? null, depth + 1);
    if (isSeq<Node>(node)) {
      return { kind: 'list', items: node.items.map((item) => this.read(item, depth + 1)), at };
    }
    if (isMap<Node, Node>(node)) {
      const fields = new Map<string, Tree>();
      const keys = new Map<string, Origin>();
      for (const { key, value } of node.items) {
        const name = isScalar(key) ? String(key.value) : '?';
        keys.set(name, this.at(key.range?.[0] ?? 0));
        fields.set(name, this.read(value, depth + 1));
      }
      return { kind: 'map', fields, keys, at };
    }
    const value = isScalar(node) ? node.value : null;
    return { kind: 'scalar', value: scalar(value), at };
  }

  private tooMuch(at: Origin): Tree {
    if (this.problems.length === 0) {
      const text = 'too many or too deeply nested values, aliases counted';
      this.problems.push({ code: 'CONFIG_SYNTAX', path: '', at, text, hint: 'write the values out' });
    }
    return { kind: 'scalar', value: null, at };
  }
}

const scalar = (value: unknown): string | number | boolean | null =>
  value === null || ['string', 'number', 'boolean'].includes(typeof value)
    ? (value as string | number | boolean | null)
    : String(value);
