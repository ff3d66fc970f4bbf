/** Examples to learn from: generators with known answers, readers of well-known files, and views of both. */
export { CIFAR_SHAPE, readCifar } from './cifar.ts';
export { type CsvOptions, type CsvTable, readCsv } from './csv.ts';
export { type Idx, idxRows, readIdx } from './idx.ts';
export { floatRows, type Targets } from './memory-rows.ts';
export { moons } from './moons.ts';
export { type ColumnStatistics, columnStatistics, normalise } from './normalise.ts';
export { parity } from './parity.ts';
export { type ImageShape, poolImages } from './pool-images.ts';
export { shuffled } from './shuffle.ts';
export { type Teacher, type TeacherOrder, teacherStudent } from './teacher-student.ts';
export { twoSpirals } from './two-spirals.ts';
export { joinRows, pickRows, takeRows } from './views.ts';
