/** Every code a person can meet, what it means and what to do next: `esper explain <CODE>` reads it out. */

export interface ErrorEntry {
  readonly meaning: string;
  readonly next: string;
}

type Row = readonly [code: string, meaning: string, next: string];

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

/** Mistakes in code that uses Esper as a library; a person at the command line meets them only through a bug. */
const library: readonly Row[] = [
  ['ACTOR_BUSY', 'The actor is in a turn and cannot be called now.', 'send a message instead of calling'],
  ['ACTOR_CALL_ASYNC', 'A direct call needs an answer at once, this message has none.', 'use ask'],
  [
    'ACTOR_GONE',
    'The actor has stopped; nobody will answer.',
    'watch it, and ask its supervisor for the new one',
  ],
  [
    'ACTOR_REFUSED',
    'The actor answered no; the reason is in the details.',
    'read the refusal and ask otherwise',
  ],
  ['MAILBOX_FULL', 'The mailbox takes no more messages.', 'send slower, or give it more capacity'],
  ['NOT_UNDERSTOOD', 'The actor has no handler for this message.', 'check the protocol of the actor'],
  ['REGISTRY_PATH_TAKEN', 'Another actor lives at that path.', 'choose another id'],
  [
    'OWNERSHIP_CLOSED',
    'The owner has been released and takes no children.',
    'start children before stopping',
  ],
  ['OWNERSHIP_FULL', 'The owner has as many children as it may.', 'stop some first'],
  ['COMEDY_MODE_REFUSED', 'Actors of this kind live in memory only.', 'leave the mode out'],
  ['DYNAMIC_FULL', 'The supervisor has as many children as it may.', 'raise maxChildren, or wait'],
  ['DYNAMIC_ID_TAKEN', 'A child of that id is alive.', 'choose another id'],
  ['DYNAMIC_GAVE_UP', 'The child restarted too often.', 'look at why it crashes: run with -v'],
  ['DYNAMIC_FRESH_ASYNC', 'A light child must start at once.', 'use an ordinary child'],
  ['DYNAMIC_NOT_LIGHT', 'This child needs more than a light one has.', 'use an ordinary child'],
  ['SUPERVISOR_GAVE_UP', 'Children restarted too often within the period.', 'run it again with -v'],
  ['SUPERVISOR_START_FAILED', 'A child could not start.', 'read its cause: run it again with -v'],
  ['ROLLBACK_NOT_READY', 'There is no checkpoint to go back to yet.', 'take one before the first step'],
  ['ROLLBACK_NO_GROUP', 'The actor belongs to no group that can go back.', 'put it below a rollback group'],
  ['HOST_GONE', 'The thread that trains has ended.', 'esper resume <run>'],
  ['HOST_TIMED_OUT', 'The thread that trains did not answer in time.', 'run it again with -v'],
  ['HOST_NO_HANDLER', 'The thread does not know this call.', 'check the names both sides use'],
  ['HOST_UNSENDABLE', 'What was called with cannot cross to a thread.', 'send plain data'],
  ['HOST_NOT_A_THREAD', 'This module must be started as a thread.', 'start it through the host'],
  ['CODEC_TOO_LARGE', 'The message is larger than its limit.', 'send a reference instead of the data'],
  [
    'CODEC_UNENCODABLE',
    'The message holds something other than plain data.',
    'send numbers, text, arrays and objects',
  ],
  ['JOURNAL_NO_SUCH_RECORD', 'The journal has no record of that number.', 'esper wal inspect <run>'],
  ['JOURNAL_RECORD_TOO_LARGE', 'The record does not fit into a segment.', 'split it, or use larger segments'],
  [
    'DOWNLOAD_BAD_RANGE',
    'The server sent another part than was asked for.',
    'esper data fetch <name> --mirror <url>',
  ],
  [
    'DOWNLOAD_TOO_LONG',
    'The server sent more than the file holds.',
    'esper data fetch <name> --mirror <url>',
  ],
  ['DATA_BAD_LABEL', 'A label is outside the classes of the data set.', 'remove the file and fetch it again'],
  ['DATA_TRAILING_BYTES', 'The file goes on after its end.', 'remove the file and fetch it again'],
  ['KASMINA_UNKNOWN_SEED', 'There is no seed of that name in the garden.', 'esper seeds <run>'],
  ['KASMINA_GATE_CLOSED', 'A gate refused the seed.', 'esper decisions <run>'],
  ['KASMINA_ILLEGAL_TRANSITION', 'A seed cannot go from its stage to that one.', 'esper seeds <run>'],
  ['OONA_NOT_TAKEN', 'Nobody takes messages of that topic.', 'subscribe before publishing'],
  [
    'OONA_SHED',
    'The bus let go of messages of low priority under load.',
    'publish less, or with more priority',
  ],
  [
    'TOLARIA_BACKLOG_FULL',
    'The disk cannot keep up with the run.',
    'esper doctor, then a faster disk: --home <dir>',
  ],
  [
    'TOLARIA_JOURNAL_DOWN',
    'The run is over, but the disk does not take its last records.',
    'esper resume <run>',
  ],
  ['TOLARIA_LOG_RELEASED', 'The run has ended and writes nothing any more.', 'esper run show <run>'],
  ['URZA_REQUEST_OPEN', 'A request for blueprints is still open.', 'wait for its answer'],
  ['URZA_SILENT', 'The library of blueprints did not answer in time.', 'run it again with -v'],
  ['NN_ALPHA_OUT_OF_RANGE', 'A share of the output is a number from 0 to 1.', 'check the caller of setAlpha'],
  ['NN_BATCH_MISSHAPEN', 'The batch has other sizes than the network.', 'check inputs and targets'],
  ['NN_IMAGE_INVALID', 'The saved network does not fit together.', 'esper wal verify <run>'],
  ['NN_NETWORK_FOREIGN', 'The network was made by another runtime.', 'use the runtime it was made with'],
  ['NN_NO_ROWS', 'There are no rows to draw batches from.', 'check task.trainRows and task.validationRows'],
  ['NN_RATE_MISSING', 'A parameter group has no learning rate.', 'give a rate for every seed and the host'],
  ['NN_SEED_EXISTS', 'A seed of that id grows already.', 'choose another id'],
  ['NN_SEED_FOSSILIZED', 'The seed is permanent and cannot be changed.', 'plant another one'],
  ['NN_SEED_IN_USE', 'The seed takes part in the output.', 'take it out of the output first'],
  ['NN_SEED_NOT_READY', 'The seed is not live at full strength.', 'blend it in first'],
  ['NN_SEED_UNKNOWN', 'No seed of that id grows here.', 'esper seeds <run>'],
  ['NN_SLOT_MISFIT', 'The blueprint does not fit into the slot.', 'ask fits before planting'],
  ['NN_SNAPSHOT_UNKNOWN', 'The snapshot was released or is of another network.', 'capture a new one'],
];

/** By code. */
export const ERROR_TABLE: ReadonlyMap<string, ErrorEntry> = new Map(
  [commandLine, resuming, config, data, network, disk, training, library]
    .flat()
    .map(([code, meaning, next]) => [code, { meaning, next }]),
);
