/** What the shell hears: a number for each kind of ending, so that scripts can tell a typo from a broken journal. */
import { EsperError } from '../contracts/index.ts';

export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  config: 3,
  notFound: 4,
  notAllowed: 5,
  noResponder: 6,
  timeout: 7,
  conflict: 8,
  integrity: 9,
  degraded: 10,
  dependency: 69,
  internal: 70,
  interrupted: 130,
  terminated: 143,
} as const;

/** Codes whose words would mislead. */
const exactly: Readonly<Record<string, number>> = {
  DATA_UNKNOWN_DATASET: EXIT.notFound,
  ERROR_CODE_UNKNOWN: EXIT.notFound,
  ADMIN_ARGS_INVALID: EXIT.usage,
  ADMIN_SETTING_INVALID: EXIT.config,
  ADMIN_NO_KEYS: EXIT.notAllowed,
  ADMIN_NO_STEWARD: EXIT.noResponder,
  ADMIN_TARGET_REFUSED: EXIT.conflict,
  ADMIN_TARGET_SILENT: EXIT.timeout,
  KEYS_EXIST: EXIT.conflict,
  KEYS_EXPOSED: EXIT.notAllowed,
  KEYS_INVALID: EXIT.config,
  KEYS_CONFIG_UNKNOWN: EXIT.config,
  KEYS_NO_AUTHORITY: EXIT.notFound,
  KEYS_OTHER_CLUSTER: EXIT.config,
  KEYS_OTHER_NODES: EXIT.config,
  NATS_AUTH_REFUSED: EXIT.notAllowed,
  NATS_TLS_REFUSED: EXIT.notAllowed,
  NATS_UNREACHABLE: EXIT.noResponder,
  SERVICES_UNREACHABLE: EXIT.noResponder,
  SERVICE_NOBODY: EXIT.noResponder,
  SERVICE_SILENT: EXIT.timeout,
  PLACEMENT_INVALID: EXIT.config,
  PLACEMENT_UNKNOWN_UNIT: EXIT.notFound,
  PLACEMENT_UNKNOWN_NODE: EXIT.notFound,
  PLACEMENT_NOWHERE_ELSE: EXIT.conflict,
  STEWARD_NOT_READY: EXIT.noResponder,
  UNIT_NOT_RUNNING: EXIT.conflict,
  UNIT_NOT_MOVED: EXIT.conflict,
  UNIT_MOVE_LATE: EXIT.timeout,
  NODE_DRAIN_LATE: EXIT.timeout,
  NODE_LEAVE_LATE: EXIT.timeout,
  RUN_COMMAND_LOST: EXIT.timeout,
  RUN_COMMAND_UNKNOWN: EXIT.timeout,
  NODE_UNREACHABLE: EXIT.noResponder,
  NODE_CORDONED: EXIT.conflict,
  NODE_CANNOT_RUN: EXIT.conflict,
  NODE_NOT_THE_PIN: EXIT.conflict,
  NODE_LACKS_LABELS: EXIT.conflict,
  NODE_LACKS_MEMORY: EXIT.conflict,
  NODE_LACKS_CORES: EXIT.conflict,
  NODE_LACKS_GPUS: EXIT.conflict,
  NODE_HAS_RIVALS: EXIT.conflict,
  NODE_STARVING: EXIT.conflict,
  NODE_NOT_IN_FILE: EXIT.config,
  NODE_NAME_LIVE: EXIT.conflict,
  NODE_REPLACED: EXIT.conflict,
  NODE_INCOMPATIBLE: EXIT.conflict,
  ADMIN_SETTINGS_MIXED: EXIT.usage,
  KASMINA_GATE_CLOSED: EXIT.conflict,
  TAMIYO_BLUEPRINT_BARRED: EXIT.conflict,
  TAMIYO_BLUEPRINT_UNFIT: EXIT.conflict,
  TAMIYO_BLUEPRINT_UNKNOWN: EXIT.notFound,
  TAMIYO_NO_ROOM: EXIT.conflict,
  TAMIYO_SEED_NOT_GROWING: EXIT.notFound,
  TAMIYO_SLOT_UNKNOWN: EXIT.notFound,
  TAMIYO_TOO_LATE: EXIT.conflict,
  TOLARIA_NOBODY_TO_BLAME: EXIT.notFound,
  TOLARIA_ORDERS_FULL: EXIT.conflict,
  TOLARIA_RUN_OVER: EXIT.conflict,
  TOLARIA_SETTING_FIXED: EXIT.config,
  TOLARIA_SETTING_INVALID: EXIT.config,
};

/** The first rule with a word of the code decides. */
const byWord: readonly (readonly [exit: number, words: readonly string[]])[] = [
  [EXIT.notFound, ['FOUND']],
  [EXIT.usage, ['CLI', 'USAGE', 'AMBIGUOUS']],
  [EXIT.config, ['CONFIG', 'OPTION']],
  [EXIT.notAllowed, ['DENIED', 'FORBIDDEN', 'ALLOWED', 'UNAUTHORIZED']],
  [
    EXIT.integrity,
    [
      'CORRUPT',
      'CHECKSUM',
      'INTEGRITY',
      'DIGEST',
      'TAMPERED',
      'VIOLATION',
      'MALFORMED',
      'DIVERGED',
      'TWICE',
      'DATA',
    ],
  ],
  [EXIT.conflict, ['LOCKED', 'CONFLICT', 'EXISTS', 'STALE', 'BUSY', 'TAKEN', 'ALREADY']],
  [EXIT.timeout, ['TIMEOUT', 'TIMED', 'DEADLINE', 'STALLED']],
  [EXIT.dependency, ['UNAVAILABLE', 'UNREACHABLE', 'UNUSABLE', 'DOWNLOAD', 'HTTP', 'FULL']],
  [EXIT.internal, ['INTERNAL']],
  [EXIT.noResponder, ['RESPONDER']],
];

/**
 * The exit code for anything thrown. What carries no code of ours is a mistake inside Esper: 70.
 */
export function exitCodeFor(thrown: unknown): number {
  const code = codeOf(thrown);
  if (code === null) return EXIT.internal;
  const words = new Set(code.split('_'));
  const rule = byWord.find(([, any]) => any.some((word) => words.has(word)));
  return exactly[code] ?? rule?.[0] ?? EXIT.failed;
}

/** The stable code of a failure, or null for a crash. */
export function codeOf(thrown: unknown): string | null {
  if (thrown instanceof EsperError) return thrown.code;
  const code = thrown instanceof Error ? (thrown as { code?: unknown }).code : null;
  return code === 'CONTRACT_VIOLATION' ? code : null;
}
