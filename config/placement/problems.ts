/** What is wrong with a placement file, and the one failure that lists it all. */
import { EsperError } from '../../contracts/index.ts';
import { describe, type Origin, type Problem } from '../problem.ts';
import type { Tree } from '../tree.ts';

/** A placement file with at least one problem. The message holds them all, one or two lines each. */
export class PlacementInvalid extends EsperError {
  constructor(readonly problems: readonly Problem[]) {
    super(
      'PLACEMENT_INVALID',
      problems.map(describe).join('\n'),
      { problems },
      { hint: 'mend the places that are named, then: esper up --check --config <file>' },
    );
    this.name = 'PlacementInvalid';
  }
}

/** Builds problems that know their line: a path of keys and indices leads to the place. */
export class Places {
  readonly #tree: Tree;

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  problem(
    code: Extract<Problem['code'], `PLACEMENT_${string}`>,
    path: readonly (string | number)[],
    text: string,
    hint: string,
  ): Problem {
    return { code, path: written(path), at: this.#at(path), text, hint };
  }

  /** The deepest thing on the way that is in the file: a default has no place of its own. */
  #at(path: readonly (string | number)[]): Origin {
    let here = this.#tree;
    let at = here.at;
    for (const step of path) {
      const next: Tree | undefined =
        here.kind === 'map'
          ? here.fields.get(String(step))
          : here.kind === 'list'
            ? here.items[Number(step)]
            : undefined;
      if (next === undefined) break;
      at = (here.kind === 'map' && here.keys?.get(String(step))) || next.at;
      here = next;
    }
    return at;
  }
}

/** `nodes[1].name`. */
const written = (path: readonly (string | number)[]): string =>
  path.map((step, i) => (typeof step === 'number' ? `[${step}]` : `${i > 0 ? '.' : ''}${step}`)).join('');
