/** Everything that works on the tensor engine's own memory. */
export { multiply, transpose } from '../shared/gemm';
export { fillRows, rectify, scale, sumEach, sumOfSquares, sumRows } from '../shared/lanes';
export { adam, adamByAge, momentum, sgd } from '../shared/update';
export { filterGradient, inputGradient } from './convolution';
export { depthwiseFilterGradient, depthwiseInputGradient } from './depthwise';
export { maxPoolGradient } from './pool';
export { addRow, multiplyRow, subtractRow } from './rowwise';
export { segmentSum } from './segments';
