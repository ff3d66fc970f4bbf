/** Examples to learn from: generators with known answers, readers of well-known files, and views of both. */
export { CIFAR_SHAPE, readCifar } from './cifar.ts';
export { type CsvOptions, type CsvTable, readCsv } from './csv.ts';
export { idxRows, readIdx } from './idx.ts';
export { keepRows } from './kept-rows.ts';
export { floatRows } from './memory-rows.ts';
export { moons } from './moons.ts';
export { columnStatistics, normalise } from './normalise.ts';
export { parity } from './parity.ts';
export { type ImageShape, pooledShape, poolImages } from './pool-images.ts';
export { bytesOf } from './row-bytes.ts';
export { shuffled } from './shuffle.ts';
export { teacherStudent } from './teacher-student.ts';
export { twoSpirals } from './two-spirals.ts';
export { joinRows, pickRows, takeRows } from './views.ts';
