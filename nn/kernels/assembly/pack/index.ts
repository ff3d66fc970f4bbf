/** Everything the tensor engine's own memory is worked on with. */
export { multiply, transpose } from '../shared/gemm';
