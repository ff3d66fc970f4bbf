/** Numbers found by number: embeddings, one-hot rows, sums by segment, the best few. */
import * as tf from '@tensorflow/tfjs';
import { gradients, group, int, values } from '../case.ts';

export const lookups = group('lookups', [
  values(
    'one-hot rows have their one at the right place',
    () => [],
    () => tf.oneHot(int(3, 0, 9, 3), 10),
  ),
  values(
    'rows gathered by number come in that order, also twice',
    (draw) => [draw.normal([10, 4])],
    (table) => tf.gather(table!, int(1, 3, 3, 9, 0)),
  ),
  values(
    'columns gathered by number come in that order',
    (draw) => [draw.normal([3, 8])],
    (table) => tf.gather(table!, int(7, 0, 2), 1),
  ),
  values(
    'sums by segment add what belongs together, and leave a gap at 0',
    (draw) => [draw.normal([6, 4])],
    (x) => tf.unsortedSegmentSum(x!, int(0, 2, 2, 4, 0, 2), 5),
  ),
  gradients(
    'an embedding adds up the gradients of words that occur twice',
    (draw) => [draw.normal([10, 4])],
    (table) => tf.gather(table!, tf.tensor2d([1, 3, 3, 9, 0, 1], [2, 3], 'int32')),
  ),
  gradients(
    'columns gathered twice add up their gradients',
    (draw) => [draw.normal([3, 6])],
    (table) => tf.gather(table!, int(5, 0, 5), 1),
  ),
  gradients(
    'a sum by segment sends each row the gradient of its segment',
    (draw) => [draw.normal([6, 4])],
    (x) => tf.unsortedSegmentSum(x!, int(0, 2, 2, 4, 0, 2), 5),
  ),
  values(
    'a large embedding adds up many gradients',
    (draw) => [draw.below([400], 50), draw.normal([400, 16])],
    (ids, dy) => tf.unsortedSegmentSum(dy!, tf.cast(ids!, 'int32') as tf.Tensor1D, 50),
  ),
  values(
    'the best three come in order, with their places',
    (draw) => [draw.spaced([4, 10])],
    (x) => {
      const { values: best, indices } = tf.topk(x!, 3);
      return [best, indices];
    },
  ),
  values(
    'rows picked by pairs of numbers are right',
    (draw) => [draw.normal([4, 5])],
    (x) => tf.gatherND(x!, tf.tensor2d([0, 1, 3, 4, 2, 2], [3, 2], 'int32')),
  ),
]);
