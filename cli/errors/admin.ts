/** Codes of commands for a cluster, and of the keys that sign them. */
import type { Row } from './row.ts';

export const admin: readonly Row[] = [
  [
    'ADMIN_DENIED',
    'The command was refused; the reason stands in the audit alone.',
    'esper admin audit tail --node <node>',
  ],
  [
    'ADMIN_NO_KEYS',
    'The node runs without keys, so it takes no commands from anybody.',
    'esper keys init, then esper up --keys <dir> on every node',
  ],
  [
    'ADMIN_NO_STEWARD',
    'No steward answers, so nobody knows where everything should be.',
    'ask again in a moment; esper admin nodes says who is there',
  ],
  ['ADMIN_TARGET_REFUSED', 'Whoever should do it said no.', 'esper explain the code in the message'],
  [
    'ADMIN_TARGET_SILENT',
    'Whoever should do it did not answer; it may have happened all the same.',
    'look at what it was to change, then decide again',
  ],
  ['ADMIN_UNIT_NOT_FOUND', 'The cluster has no unit of that name.', 'esper admin actors ls'],
  ['ADMIN_RUN_NOT_FOUND', 'Nothing is trained, or nothing of that name.', 'esper admin status'],
  ['ADMIN_LETTER_NOT_FOUND', 'No dead letter has that number.', 'esper admin dead-letters ls'],
  ['ADMIN_UNSUPPORTED', 'The cluster cannot carry out this command as it runs now.', 'the message says why'],
  [
    'ADMIN_ARGS_INVALID',
    'The arguments do not fit the command.',
    'esper admin verbs --json lists the schemas',
  ],
  [
    'ADMIN_EPOCH_STALE',
    'What the command is about is in another epoch by now.',
    'look again, then decide again',
  ],
  [
    'ADMIN_KEY_CONFLICT',
    'The idempotency key was given with another command.',
    'give each command a key of its own',
  ],
  [
    'ADMIN_KEY_BUSY',
    'The command with this idempotency key has begun and is not known to have ended.',
    'look at what it was to change before giving it again',
  ],
  ['ADMIN_BUSY', 'The node has too many commands under way.', 'try again in a moment'],
  ['ADMIN_INTERNAL', 'The command met a mistake inside Esper.', 'the log of the node has the stack'],
  [
    'ADMIN_MEMORY_CORRUPT',
    'What used tokens are remembered by was overwritten.',
    'look who else writes to the lease store',
  ],
  [
    'ADMIN_REPLY_MALFORMED',
    'The answer of the cluster is not what was agreed.',
    'compare the versions of both sides',
  ],
  ['ADMIN_SETTING_FIXED', 'The setting counts from a start on.', 'change the file and start anew'],
  ['ADMIN_SETTING_HALF_SET', 'Some settings were set and could not be taken back.', 'esper admin config get'],
  ['ADMIN_SETTING_INVALID', 'A setting cannot have this value; nothing was set.', 'esper admin config get'],
  ['ADMIN_SETTING_NOT_FOUND', 'There is no setting of that name.', 'esper admin config get'],
  ['ADMIN_SETTING_UNAPPLIED', 'A setting could not be applied; nothing was set.', 'the message says why'],
  ['AUDIT_NOT_FOUND', 'There is no audit in that folder.', 'name the folder of one node'],
  [
    'AUDIT_TAMPERED',
    'The audit of a node is not as it was written.',
    'keep a copy, then: esper audit verify <folder>',
  ],
  [
    'KEYS_CONFIG_UNKNOWN',
    'The users in the server configuration are not written as they were made.',
    'put the authorization block back as esper keys init wrote it',
  ],
  [
    'KEYS_EXIST',
    'There are keys, or something else, at that place already.',
    'choose another place; keys init replaces them with --force',
  ],
  [
    'KEYS_EXPOSED',
    'Others than its owner can read a secret key.',
    'chmod 600 the file, and consider making new keys',
  ],
  ['KEYS_INVALID', 'The file does not hold keys.', 'compare it with what esper keys init makes'],
  [
    'KEYS_NO_AUTHORITY',
    'The key of the authority is not in the folder, so no certificate can be made.',
    'bring tls/ca.key.pem back for as long as it takes',
  ],
  [
    'KEYS_NOT_FOUND',
    'No key can be read where one is needed.',
    'esper keys init, or say where they are with --keys',
  ],
  [
    'KEYS_OTHER_CLUSTER',
    'The keys were made for another cluster.',
    'make keys for this one in another folder, and name it with --keys',
  ],
  [
    'KEYS_OTHER_NODES',
    'The keys were made for other nodes.',
    'make keys for all nodes of the placement file in another folder, and name it with --keys',
  ],
  ['KEYS_UNWRITABLE', 'Keys cannot be written to the folder.', 'check who owns the folder'],
  [
    'RUN_COMMAND_LOST',
    'The training thread ended while a command waited; it changed nothing and is forgotten.',
    'give it again when the run has come up: esper admin status',
  ],
  [
    'RUN_COMMAND_UNKNOWN',
    'The training thread ended while a command waited, and its journal cannot be read.',
    'esper decisions <run> says whether it had acted',
  ],
  ['RUN_OTHER', 'The node trains another run than the one that was meant.', 'esper admin status'],
  [
    'TOLARIA_CHECKPOINT_FAILED',
    'The checkpoint could not be written; training goes on.',
    'check the disk of the run',
  ],
];
