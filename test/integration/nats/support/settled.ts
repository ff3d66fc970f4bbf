/** Knows when all that two clients handed to their server has arrived at both: a mark of each comes behind it. */
import type { Transport } from '../../../../runtime/index.ts';

const bytes = new Uint8Array(1);

/** One round makes sure of what was published, a second of what that caused. */
export async function settled(transports: readonly Transport[], rounds = 2): Promise<void> {
  const open = transports.filter(({ connected }) => connected);
  for (let round = 0; round < rounds; round++) {
    await Promise.all(open.map((from) => mark(from, open)));
  }
}

let marks = 0;

/** A mark that arrived at its own sender says that the server knows all subscriptions made before. */
async function mark(from: Transport, all: readonly Transport[]): Promise<void> {
  const subject = `mark.${++marks}`;
  const ends: (() => void)[] = [];
  const heard = (at: Transport) =>
    new Promise<void>((resolve) => void ends.push(at.subscribe(subject, () => resolve())));
  const own = heard(from);
  from.publish(subject, bytes);
  await own;
  const others = all.map(heard);
  for (const at of all) {
    const ready = `${subject}.ready.${ends.length}`;
    await new Promise<void>((resolve) => {
      ends.push(at.subscribe(ready, () => resolve()));
      at.publish(ready, bytes);
    });
  }
  from.publish(subject, bytes);
  await Promise.all(others);
  for (const end of ends) end();
}
