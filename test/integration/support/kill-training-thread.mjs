/** Preloaded into `esper` by a test: SIGUSR2 ends the training thread from outside, as a fault of the machine would. */
let training;
process.on('worker', (worker) => {
  training = worker; // hosts start in order, and training is the last
});
process.on('SIGUSR2', () => void training.terminate());
