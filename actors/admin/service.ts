/** The admin service of one node: found by any stock client, it lets through what is signed and allowed, and writes down what it did. */

import type { AdminKeySet } from '../../contracts/index.ts';
import {
  ADMIN_VERBS,
  ADMIN_WAIT_S,
  type AdminReply,
  type AdminVerb,
  type AuditFacts,
  EsperError,
  toFailure,
  withinOf,
} from '../../contracts/index.ts';
import type { Clock } from '../../runtime/ports/clock.ts';
import type { Hasher } from '../../runtime/ports/hasher.ts';
import type { Ids } from '../../runtime/ports/ids.ts';
import type { Leases } from '../../runtime/ports/leases.ts';
import type { Log } from '../../runtime/ports/log.ts';
import type { Metrics } from '../../runtime/ports/metrics.ts';
import type { Asked, Services } from '../../runtime/ports/services.ts';
import type { TokenVerifier } from '../../runtime/ports/tokens.ts';
import type { AuditLog } from './audit-log.ts';
import { Deadline } from './deadline.ts';
import { refusedCommand, tooBusy } from './errors.ts';
import { adminFace } from './face.ts';
import { type Admitted, checkArgs, Guard, type Refused } from './guard.ts';
import { perform } from './performance.ts';
import { redacted } from './redact.ts';
import { Remembered } from './remembered.ts';
import type { AdminHandlers, AdminTargets } from './targets.ts';

/** Looks that are written down like deeds; the others would fill the disk of whoever watches. */
const LOOKS_NOTED: ReadonlySet<AdminVerb> = new Set([
  'audit-tail',
  'config-get',
  'dead-letters-ls',
  'dead-letters-show',
]);
/** Commands under way at once; more are told to come back. */
const MOST_AT_ONCE = 32;

export interface AdminServiceOptions {
  readonly services: Services;
  readonly leases: Leases;
  /** Prefix of the cluster's subjects and keys, and the audience of its tokens. */
  readonly cluster: string;
  readonly node: string;
  /** Semantic version of this Esper. */
  readonly version: string;
  readonly keys: AdminKeySet;
  readonly tokens: TokenVerifier;
  readonly audit: AuditLog;
  readonly targets: AdminTargets;
  readonly hasher: Hasher;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Milliseconds that commands under way are waited for at the end: a node that leaves still says that it does. */
const LAST_WORDS_MS = 2_000;

/** Serves until stopped. @throws what the broker says when it cannot be served */
export async function serveAdmin(options: AdminServiceOptions): Promise<{ stop(): Promise<void> }> {
  const desk = new AdminDesk(options);
  const face = adminFace(options, (verb, node, asked) => desk.take(verb, node, asked));
  const serving = await options.services.serve(face);
  return {
    async stop() {
      await serving.stop();
      await desk.idle(LAST_WORDS_MS);
    },
  };
}

/** What the service knows by itself. */
const ownHandlers = ({ audit }: AdminServiceOptions): Pick<AdminHandlers, 'audit-tail'> => ({
  'audit-tail': async ({ count = 20 }) => {
    const { entries, head } = audit.tail(count);
    return { entries: [...entries], head };
  },
});

class AdminDesk {
  readonly #options: AdminServiceOptions;
  readonly #guard: Guard;
  readonly #kept: Remembered;
  readonly #targets: AdminTargets;
  #underWay = 0;
  #nothingLeft: () => void = () => {};

  constructor(options: AdminServiceOptions) {
    this.#options = options;
    const { leases, hasher, clock, cluster, keys, tokens } = options;
    const shared = { leases, hasher, clock };
    const used = new Remembered({ ...shared, key: `${cluster}.admin.used`, buckets: 128, most: 512 });
    this.#kept = new Remembered({ ...shared, key: `${cluster}.admin.kept`, buckets: 32, most: 64 });
    this.#guard = new Guard({ cluster, keys, tokens, used, clock });
    this.#targets = {
      ...options.targets,
      handlers: { ...options.targets.handlers, ...ownHandlers(options) },
    };
  }

  /** Resolves when nothing is under way, or after so many milliseconds. */
  async idle(withinMs: number): Promise<void> {
    if (this.#underWay === 0) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#options.clock.after(withinMs, resolve);
      this.#nothingLeft = () => {
        cancel();
        resolve();
      };
    });
  }

  /** Answers or throws what the caller may know. */
  async take(verb: AdminVerb, node: string | null, asked: Asked): Promise<Uint8Array> {
    if (this.#underWay >= MOST_AT_ONCE) throw tooBusy(`${MOST_AT_ONCE} are under way`);
    this.#underWay += 1;
    const { ids, clock } = this.#options;
    const request = ids.next('req');
    const sinceMs = clock.nowMs();
    try {
      const verdict = await this.#guard.admit(verb, node, asked.bytes);
      if (!verdict.ok) return await this.#turnAway(verb, request, verdict.refused);
      return await this.#carryOut(verdict.admitted, request, sinceMs);
    } finally {
      this.#underWay -= 1;
      if (this.#underWay === 0) this.#nothingLeft();
    }
  }

  async #turnAway(verb: AdminVerb, request: string, { why, who, kid, args }: Refused): Promise<never> {
    const { audit, log, metrics } = this.#options;
    metrics.count('esper_admin_commands_total', 1, { verb, outcome: 'refused' });
    log.write('warn', 'an admin command was refused', { verb, request, who, kid, why });
    await audit.refuse({ request, who, kid, role: '', verb, args: redacted(args), outcome: 'refused', why });
    throw refusedCommand(request);
  }

  async #carryOut(admitted: Admitted, request: string, sinceMs: number): Promise<Uint8Array> {
    const { verb, args, who, kid, role } = admitted;
    const { node, audit, metrics, log } = this.#options;
    const facts = { request, who, kid, role, verb, args: redacted(args) };
    const changes = ADMIN_VERBS[verb].effect === 'changes';
    const noted = changes || LOOKS_NOTED.has(verb);
    const tell = async (outcome: AuditFacts['outcome'], why = '') => {
      if (noted) await audit.append({ ...facts, outcome, why });
    };
    if (changes) await tell('begun');
    try {
      checkArgs(admitted);
      const { hasher, clock } = this.#options;
      const options = { targets: this.#targets, kept: this.#kept, hasher, clock };
      const deadline = new Deadline(clock, sinceMs, waitOf(admitted));
      const { result, again } = await perform(admitted, { who, role, request, deadline }, options);
      await tell(changes ? 'done' : 'answered', again ? 'as before' : '');
      metrics.count('esper_admin_commands_total', 1, { verb, outcome: 'done' });
      const reply: AdminReply = { v: 1, node, request, again, result };
      return new TextEncoder().encode(JSON.stringify(reply));
    } catch (thrown) {
      const { code, message } = toFailure(thrown);
      metrics.count('esper_admin_commands_total', 1, { verb, outcome: 'failed' });
      log.write('warn', 'an admin command failed', { verb, request, code, message });
      await tell('failed', code);
      throw thrown instanceof EsperError ? thrown : internal(request, thrown);
    }
  }
}

/** Milliseconds its caller waits for the answer. */
const waitOf = ({ verb, args, claims }: Admitted): number =>
  claims.waitMs ?? (ADMIN_WAIT_S + withinOf(verb, args)) * 1_000;

/** A mistake of ours: the caller gets the request to ask about, not our insides. */
const internal = (request: string, cause: unknown): EsperError =>
  new EsperError(
    'ADMIN_INTERNAL',
    `the command met a mistake inside Esper (${request})`,
    { request },
    { cause, hint: 'the log of the node has the stack under this request' },
  );
