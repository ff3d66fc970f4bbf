/** Preloaded into `esper` by a test: a signal ends a thread from outside, as a fault of the machine would. SIGUSR2: training; SIGWINCH: innovation. */
const threads = [];
process.on('worker', (worker) => threads.push(worker)); // hosts start in order: training first, innovation second
process.on('SIGUSR2', () => void threads[0].terminate());
process.on('SIGWINCH', () => void threads[1].terminate());
