/** What a thread runs that was begun early: it loads what it will need, until it is called to its work. */
import { workerData } from 'node:worker_threads';
import { bring, type Luggage } from './luggage.ts';
import type { Waiting } from './waiting-threads.ts';

const { call, entry, ahead } = workerData as Waiting;
let called = false;
call.once('message', (luggage: Luggage) => {
  called = true;
  call.close();
  bring(luggage);
  void import(entry);
});
for (const module of ahead) {
  if (called) break; // its entry loads the rest
  await import(module);
}
