/** Appends to a journal on the real disk until it is killed, and prints each sequence once it is acknowledged. */
import { nodeDisk } from '../../runtime/adapters/node/disk.ts';
import { nodeProcesses } from '../../runtime/adapters/node/processes.ts';
import { openJournal } from '../../runtime/journal/open-journal.ts';
import { bodyOf, MARK } from '../runtime/journal/workbench.ts';

const folder = process.argv[2] ?? '';
const ring = { segmentBytes: 4096, marks: [MARK], retention: { segments: 4 } };
const { journal } = await openJournal({ disk: nodeDisk(), folder, processes: nodeProcesses(), ...ring });
let next = journal.last + 1;
const append = async () => {
  const sequence = next++;
  process.stdout.write(`${await journal.append(sequence % 20 === 0 ? MARK : 1, bodyOf(sequence))}\n`);
};
for (;;) await Promise.all(Array.from({ length: 1 + (next % 4) }, append));
