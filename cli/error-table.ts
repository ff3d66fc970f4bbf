/** Every code a person can meet, what it means and what to do next: `esper explain <CODE>` reads it out. */
import { admin } from './errors/admin.ts';
import { byHand } from './errors/by-hand.ts';
import { cluster } from './errors/cluster.ts';
import { library } from './errors/library.ts';
import { placement } from './errors/placement.ts';
import type { Row } from './errors/row.ts';
import { runtime } from './errors/runtime.ts';

export interface ErrorEntry {
  readonly meaning: string;
  readonly next: string;
}

const commandLine: readonly Row[] = [
  ['CLI_USAGE', 'The command line could not be understood.', 'esper --help, or esper <command> --help'],
  ['RUN_NOT_FOUND', 'No run of this home has that id or begins with it.', 'esper runs ls'],
  ['RUN_AMBIGUOUS', 'More than one run begins with these letters.', 'write more letters of the id'],
  ['RUN_EMPTY', 'The run has a folder, but its journal holds no start.', 'esper wal verify <run>'],
  ['RUN_NEVER_STARTED', 'There is nothing to resume: the first record is missing.', 'esper train <config>'],
  [
    'RUN_RECORD_CORRUPT',
    'A record of the journal does not hold what its kind promises.',
    'esper wal verify <run>',
  ],
  ['RUN_BOUNDARY_TWICE', 'A boundary was committed twice; nothing was written.', 'esper wal inspect <run>'],
  ['SEED_NOT_FOUND', 'The run never planted a seed of that name.', 'esper seeds <run>'],
  ['ERROR_CODE_UNKNOWN', 'No error has that code.', 'copy the code from the message, in capitals'],
  [
    'ESPER_INTERNAL',
    'Something is false that Esper takes for granted.',
    'run it again with -v and report the stack',
  ],
];

const resuming: readonly Row[] = [
  ['RUN_ALREADY_ENDED', 'The run came to its end; there is nothing to go on with.', 'esper run show <run>'],
  ['RUN_RECORD_ORDER', 'The journal holds records in an order no run writes.', 'esper wal inspect <run>'],
  [
    'RUN_NOTHING_TO_GROW',
    'No blueprint passed its tests, so nothing could be planted.',
    'check growth.families and growth.spans',
  ],
  [
    'RUN_NO_INNOVATION',
    'The innovation host died before it could make a catalogue.',
    'try again; esper.log in the run folder says why',
  ],
  [
    'RUN_NO_TRAINING',
    'The training host died before it could be told what to do.',
    'try again; esper.log in the run folder says why',
  ],
  [
    'HOST_STALLED',
    'The event loop of a thread stood still for too long; the thread was ended and started again.',
    'esper.log in the run folder says what it was doing',
  ],
  ['RUN_WITHOUT_CONFIG', 'The run has no config to go on with.', 'esper train <config>'],
  [
    'CHECKPOINT_NOT_FOUND',
    'The checkpoint is not in the folder of the run.',
    'esper resume <run> starts from another',
  ],
  [
    'CHECKPOINT_CORRUPT',
    'The checkpoint does not have the checksum it was written with.',
    'esper wal verify <run>',
  ],
  ['SAFETENSORS_INVALID', 'The file of weights is damaged or of another format.', 'esper wal verify <run>'],
];

const config: readonly Row[] = [
  [
    'CONFIG_INVALID',
    'The config has problems, each listed with its place.',
    'esper config validate <config>',
  ],
  ['CONFIG_NOT_FOUND', 'There is no config file at that path.', 'ls config/*.yaml'],
  [
    'CONFIG_SYNTAX',
    'The text is not YAML, or not `key=value` for --set.',
    'check indentation, colons and quotes',
  ],
  ['CONFIG_DUPLICATE_KEY', 'A setting was given twice in one section.', 'keep one of the two'],
  ['CONFIG_UNKNOWN_KEY', 'There is no setting of that name here.', 'esper config schema lists all of them'],
  ['CONFIG_UNKNOWN_SETTING', 'There is no setting at that path.', 'esper config schema lists all of them'],
  ['CONFIG_WRONG_TYPE', 'A setting has a value of the wrong kind.', 'esper config explain <setting>'],
  ['CONFIG_OUT_OF_RANGE', 'A value is outside what the setting allows.', 'esper config explain <setting>'],
  ['CONFIG_ENVIRONMENT_INVALID', 'A variable of the environment says nothing known.', 'correct or unset it'],
  ['CONFIG_MISSING', 'A setting without a default was left out.', 'add it where the message points'],
  ['CONFIG_CONTRADICTION', 'Two settings exclude each other.', 'change the one the message names'],
];

const data: readonly Row[] = [
  ['DATA_UNKNOWN_DATASET', 'No data set has that name.', 'esper data ls'],
  ['DATA_NOT_FOUND', 'The files of the data set are in none of the folders.', 'esper data fetch <name>'],
  [
    'DATA_BAD_OPTION',
    'The data set does not understand one of task.options.',
    'esper config explain task.options',
  ],
  ['DATA_WRONG_FILES', 'The folder holds files of another data set.', 'esper data fetch <name>'],
  [
    'DATA_TOO_FEW_ROWS',
    'Fewer rows than the config asks for.',
    'lower task.trainRows or task.validationRows',
  ],
  ['DATA_EMPTY', 'The file holds no rows.', 'check the path in task.options'],
  ['DATA_TRUNCATED', 'The file ends too early.', 'remove it and run esper data fetch <name>'],
  [
    'DATA_BAD_MAGIC',
    'The file is not of the format its name says.',
    'remove it and run esper data fetch <name>',
  ],
  ['DATA_BAD_GZIP', 'The compressed file is damaged.', 'remove it and run esper data fetch <name>'],
  [
    'DATA_BAD_ARCHIVE',
    'The archive is damaged or holds other files.',
    'remove it and run esper data fetch <name>',
  ],
  [
    'DATA_COUNT_MISMATCH',
    'Images and labels differ in number.',
    'remove both and run esper data fetch <name>',
  ],
  ['DATA_NOT_A_NUMBER', 'A cell of the table is not a number.', 'fix the cell the message names'],
  ['DATA_RAGGED_ROW', 'A row has more or fewer cells than the first.', 'fix the row the message names'],
  ['DATA_NO_SUCH_COLUMN', 'The table has no column of that name.', 'check the names in the first line'],
  ['DATA_BAD_QUOTE', 'A quoted cell is never closed.', 'fix the line the message names'],
  ['DATA_TOO_LARGE', 'The data does not fit into memory as asked.', 'set task.trainRows'],
  ['DATA_TOO_MANY_CLASSES', 'A label column has too many different values.', 'choose another label column'],
  ['DATA_UNKNOWN_CLASS', 'The test rows have a class that training never saw.', 'check the files'],
];

const network: readonly Row[] = [
  [
    'DOWNLOAD_CHECKSUM',
    'What arrived is not the file that was meant; it was deleted.',
    'try again, or --mirror <url>',
  ],
  ['DOWNLOAD_NOT_FOUND', 'The address has no such file any more.', 'esper data fetch <name> --mirror <url>'],
  ['DOWNLOAD_DENIED', 'The server refused to give the file.', 'esper data fetch <name> --mirror <url>'],
  ['DOWNLOAD_FAILED', 'No address could give the file.', 'check the connection and try again'],
  ['DOWNLOAD_STALLED', 'Nothing arrived for too long.', 'try again: it goes on where it was cut off'],
  ['DOWNLOAD_TRUNCATED', 'The connection ended early.', 'try again: it goes on where it was cut off'],
  ['DOWNLOAD_UNAVAILABLE', 'The server cannot serve now.', 'try again later'],
  ['DOWNLOAD_STOPPED', 'The download was stopped.', 'try again: it goes on where it was cut off'],
  ['HTTP_FAILED', 'No answer came, or it broke off.', 'check the connection and proxy settings'],
  [
    'HTTP_REFUSED',
    'The address is not one to fetch from: https or this machine only.',
    'use an https address',
  ],
];

const disk: readonly Row[] = [
  ['DISK_NOT_FOUND', 'The file or folder does not exist.', 'check the path, --home and --data-dir'],
  ['DISK_EXISTS', 'The file is there already and is not overwritten.', 'choose another name or remove it'],
  ['DISK_FULL', 'There is no space left.', 'free some, then esper resume <run>'],
  ['DISK_DENIED', 'This user may not read or write there.', 'change the rights, or --home <dir>'],
  [
    'DISK_FAILED',
    'The device failed to read or write.',
    'look into the system log before trusting this disk',
  ],
  ['JOURNAL_LOCKED', 'Another process writes this run.', 'wait for it, or stop it; then try again'],
  ['JOURNAL_CORRUPT', 'A record that was acknowledged is damaged.', 'esper wal verify <run>'],
  [
    'JOURNAL_FAILED',
    'A record could not be made durable; the run stopped safely.',
    'esper doctor, then esper resume',
  ],
  ['JOURNAL_CLOSED', 'The journal takes no more records.', 'esper resume <run>'],
  ['CONTRACT_VIOLATION', 'A message does not hold what its contract promises.', 'esper wal verify <run>'],
  ['CODEC_MALFORMED', 'These bytes are no message.', 'esper wal verify <run>'],
];

const training: readonly Row[] = [
  ['NN_BACKEND_UNUSABLE', 'The tensor backend that was asked for does not work here.', '--set backend=auto'],
  ['NN_DEVICE_FAILED', 'The GPU reported an error while it computed.', 'esper doctor --gpu'],
  ['NN_OUT_OF_MEMORY', 'The tensors do not fit into memory.', 'lower training.batch or growth.maxParameters'],
  ['NN_HOST_INVALID', 'A network of this shape cannot be built.', 'esper config explain host'],
  [
    'TOLARIA_DIVERGED',
    'A boundary that was run again differs from the journal.',
    'resume with the versions that started the run: esper run show <run>',
  ],
  ['ROLLBACK_EXHAUSTED', 'Training went back too often.', 'lower training.optimizer.rate'],
  ['ACTOR_TIMEOUT', 'An answer did not come in time.', 'run it again with -v'],
  ['ACTOR_CRASHED', 'An actor ended with an error that its supervisor gave up on.', 'run it again with -v'],
];

/** By code. */
export const ERROR_TABLE: ReadonlyMap<string, ErrorEntry> = new Map(
  [
    commandLine,
    resuming,
    config,
    data,
    network,
    disk,
    training,
    runtime,
    library,
    cluster,
    placement,
    admin,
    byHand,
  ]
    .flat()
    .map(([code, meaning, next]) => [code, { meaning, next }]),
);
