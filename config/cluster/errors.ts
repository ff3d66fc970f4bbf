/** Why a node does not come up, each with what to do next. */
import { EsperError } from '../../contracts/index.ts';

/** @param holder what its lease says of that process */
export const nameLive = (node: string, holder: string) =>
  new EsperError(
    'NODE_NAME_LIVE',
    `a live process is node ${node} already`,
    { node, holder },
    { hint: `end it first, or join under another name: esper up --node <name>` },
  );

export const notInFile = (node: string, known: readonly string[], guess: string | null) =>
  new EsperError(
    'NODE_NOT_IN_FILE',
    `the placement file names no node ${node}`,
    { node, known },
    { hint: guess ? `did you mean ${guess}?` : `it names ${known.join(', ')}` },
  );

/** @param theirs what the other side computes with, as far as it said so */
export const otherProtocol = (node: string, peer: string, theirs: string, ours: string) =>
  new EsperError(
    'NODE_INCOMPATIBLE',
    `${node} speaks another protocol than ${peer}: ${
      ours === theirs
        ? `both compute with ${ours}, but know other messages`
        : `here ${ours}, there ${theirs || 'something unknown'}`
    }`,
    { node, peer, ours, theirs },
    { hint: 'install the same version of Esper and of Node.js on all nodes, then start this one again' },
  );
