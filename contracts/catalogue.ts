/** Every contract in one list: documentation, test data and golden bytes are made from it. */
import * as artifacts from './artifact-ref.ts';
import * as bus from './bus-messages.ts';
import * as envelope from './envelope.ts';
import * as innovation from './innovation.ts';
import type { Contract } from './message.ts';
import * as packet from './packet.ts';
import * as placement from './placement-messages.ts';
import * as runCommand from './run-command.ts';
import * as journal from './run-journal.ts';
import * as status from './status.ts';
import * as tasks from './task-feedback.ts';
import * as taskRecord from './task-record.ts';
import * as telemetry from './telemetry.ts';

/** All that `message()` made in these files; a new file is added here. */
export const CATALOGUE: readonly Contract[] = [
  envelope,
  packet,
  journal,
  runCommand,
  status,
  telemetry,
  innovation,
  bus,
  artifacts,
  tasks,
  taskRecord,
  placement,
].flatMap((file) => Object.values<unknown>(file).filter(isContract));

/** Written to disk and read by later versions: each needs golden bytes of every version it ever had. */
export const JOURNALED: readonly Contract[] = [
  ...journal.RUN_RECORDS,
  packet.SystemStatePacket,
  packet.FieldReport,
  taskRecord.TaskRecord,
].filter(isContract);

const byType = new Map(CATALOGUE.map((contract) => [contract.type, contract]));

/** The contract that a received body names, or undefined when nobody here knows it. */
export const contractOf = (type: string): Contract | undefined => byType.get(type);

function isContract(exported: unknown): exported is Contract {
  return typeof exported === 'object' && exported !== null && 'parse' in exported && 'schema' in exported;
}
