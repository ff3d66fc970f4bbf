/** The second thread's life: wait for a half, carry it out, say so. The mailbox is the first 64 bytes of memory. */
import { run } from './run';

/** Words of the mailbox, by byte; `nn/fused/threads/mailbox.ts` names the same. */
const STATE: usize = 0;
const SLEEPING: usize = 4;
const STRAY: usize = 8;
const ORDER: usize = 16;

const POSTED: i32 = 1;
const CLAIMED: i32 = 2;
const DONE: i32 = 3;
const OVER: i32 = 4;

/** Looks before it falls asleep: some hundred microseconds, longer than the other thread needs between two halves. */
const LOOKS: i32 = 400000;

/** Serves until the mailbox says that it is over. */
export function serve(): void {
  if (!ASC_FEATURE_THREADS) return;
  for (;;) {
    const state = look();
    if (state == OVER) return;
    if (state != POSTED) {
      atomic.store<i32>(SLEEPING, 1);
      atomic.wait<i32>(STATE, state, -1);
      atomic.store<i32>(SLEEPING, 0);
    } else if (atomic.cmpxchg<i32>(STATE, POSTED, CLAIMED) == POSTED) {
      store<u32>(STRAY, <u32>carryOut());
      atomic.store<i32>(STATE, DONE);
      atomic.notify(STATE, 1);
    }
  }
}

/** The last state seen: that something is to be done, or what it was after many looks. */
function look(): i32 {
  let state: i32 = 0;
  for (let i = 0; i < LOOKS; i++) {
    state = atomic.load<i32>(STATE);
    if (state == POSTED || state == OVER) return state;
  }
  return state;
}

function carryOut(): usize {
  return run(
    <usize>load<u32>(ORDER), <usize>load<u32>(ORDER, 4), load<i32>(ORDER, 8), load<i32>(ORDER, 12),
    load<i32>(ORDER, 16), <usize>load<u32>(ORDER, 20), <usize>load<u32>(ORDER, 24), <usize>load<u32>(ORDER, 28),
    load<i32>(ORDER, 32), <usize>load<u32>(ORDER, 36), load<i32>(ORDER, 40), true,
  );
}
