/** Images of networks whose weights were all moved a little, each by a draw of its own. */
import type { ImageStructure } from '../../../nn/image-structure.ts';
import type { NetworkImage } from '../../../nn/index.ts';
import { Draws } from './random-hosts.ts';

/** @param move what becomes of a weight that learns, given a number from -1 to 1; moments and running figures stay */
export function movedImage(
  image: NetworkImage,
  seed: number,
  move: (weight: number, draw: number) => number,
): NetworkImage {
  const draws = new Draws(`moved/${seed}`);
  const { parameters } = image.structure as ImageStructure;
  const learning = new Set(parameters.flatMap(({ name, trainable }) => (trainable ? [name] : [])));
  const tensors = image.tensors.map((tensor) => {
    const { name, data } = tensor;
    const by = draws.numbers(data.length);
    return learning.has(name) ? { ...tensor, data: data.map((w, i) => move(w, by[i]!)) } : tensor;
  });
  return { ...image, tensors };
}
