/** Nodes with an admin service and no network: requests are handed to the endpoints a broker would have found. */
import { AuditLog } from '../../../actors/admin/audit-log.ts';
import { serveAdmin } from '../../../actors/admin/service.ts';
import type { AdminTargets } from '../../../actors/admin/targets.ts';
import {
  ADMIN_ISSUER,
  ADMIN_TOKEN_TYPE,
  type AdminKeySet,
  type AdminReply,
  EsperError,
} from '../../../contracts/index.ts';
import {
  newSigningKey,
  type SigningKey,
  tokenSigner,
  tokenVerifier,
} from '../../../runtime/adapters/jose/tokens.ts';
import { type MemoryClock, memoryClock } from '../../../runtime/adapters/memory/clock.ts';
import { type MemoryDisk, memoryDisk } from '../../../runtime/adapters/memory/disk.ts';
import { memoryIds } from '../../../runtime/adapters/memory/ids.ts';
import { memoryLog } from '../../../runtime/adapters/memory/log.ts';
import { memoryMetrics } from '../../../runtime/adapters/memory/metrics.ts';
import { nodeHasher } from '../../../runtime/adapters/node/hasher.ts';
import type { LeaseEntry, Leases } from '../../../runtime/ports/leases.ts';
import type { ServiceSpec } from '../../../runtime/ports/services.ts';

export const CLUSTER = 'esper';
export const ROLES = ['viewer', 'operator', 'trainer', 'admin', 'auditor'] as const;
export type TestRole = (typeof ROLES)[number];

/** A store that answers at once, and can be out of reach. */
export function plainLeases(): Leases & { down: boolean } {
  const byKey = new Map<string, LeaseEntry>();
  let revision = 0;
  const reach = () => {
    if (store.down) throw new EsperError('LEASES_UNREACHABLE', 'down', {}, { retryable: true });
  };
  const store = {
    down: false,
    async get(key: string) {
      reach();
      return byKey.get(key);
    },
    async put(key: string, value: Uint8Array, expected: number) {
      reach();
      if ((byKey.get(key)?.revision ?? 0) !== expected) return undefined;
      revision += 1;
      byKey.set(key, { key, value: value.slice(), revision });
      return revision;
    },
    watch: () => () => {},
  };
  return store;
}

export interface Office {
  readonly clock: MemoryClock;
  readonly disk: MemoryDisk;
  readonly leases: ReturnType<typeof plainLeases>;
  readonly keys: Readonly<Record<TestRole, SigningKey>>;
  readonly set: AdminKeySet;
  readonly auditKey: SigningKey;
  /** What handlers were asked to do. */
  readonly deeds: unknown[];
}

export async function office(): Promise<Office> {
  const made = await Promise.all(ROLES.map(async (role) => [role, await newSigningKey(role)] as const));
  const keys = Object.fromEntries(made) as Record<TestRole, SigningKey>;
  const auditKey = await newSigningKey('audit-n1');
  return {
    clock: memoryClock({ wallMs: Date.UTC(2026, 0, 1) }),
    disk: memoryDisk(),
    leases: plainLeases(),
    keys,
    auditKey,
    set: {
      v: 1,
      cluster: CLUSTER,
      keys: made.map(([role, { kid, x }]) => ({ kid, who: `${role}@here`, roles: [role], x })),
      auditKeys: [{ kid: auditKey.kid, who: 'n1', x: auditKey.x }],
    },
    deeds: [],
  };
}

/** Handlers that note what they were asked for. */
export const notingTargets = (at: Office): AdminTargets => ({
  handlers: {
    status: async () => ({
      ...{ cluster: CLUSTER, steward: 'n1', stewardEpoch: 3, nodesUp: 1, nodesAway: 0 },
      ...{ unitsPlaced: 0, unitsWaiting: 0, deadLetters: 0, runs: [], warnings: [] },
    }),
    'actors-restart': async (args) => {
      at.deeds.push(args);
      return { done: `restarting ${args.unit}`, details: { deed: at.deeds.length } };
    },
    'log-level': async (args) => {
      at.deeds.push(args);
      return { done: 'set', details: {} };
    },
    'node-drain': async () => {
      throw new EsperError('PLACEMENT_BUSY', 'another drain is under way');
    },
  },
  whyNot: () => 'nothing trains here',
  epochOf: async (_, { unit }) => (unit === 'karn' ? 7 : null),
});

export interface TestNode {
  readonly spec: ServiceSpec;
  readonly audit: AuditLog;
  /** Hands bytes to the endpoint of a subject. */
  send(subject: string, body: unknown): Promise<AdminReply>;
  stop(): Promise<void>;
  /** Ends the service alone. */
  end(): Promise<void>;
}

/** A life of the admin service of a node. */
export async function node(at: Office, name: string, targets = notingTargets(at)): Promise<TestNode> {
  const { clock, disk, leases, set, auditKey } = at;
  const shared = { clock, hasher: nodeHasher(), node: name };
  const audit = await AuditLog.open({
    ...shared,
    disk,
    folder: `audit/${name}`,
    signer: tokenSigner(auditKey),
    tokens: tokenVerifier(set.auditKeys),
  });
  let spec: ServiceSpec | null = null;
  const none = async () => new Uint8Array();
  const serving = await serveAdmin({
    ...shared,
    services: {
      serve: async (served) => {
        spec = served;
        return { stop: async () => {} };
      },
      ask: none,
      askAll: async () => [],
    },
    leases,
    cluster: CLUSTER,
    version: '1.0.0',
    keys: set,
    tokens: tokenVerifier(set.keys),
    audit,
    targets,
    ids: memoryIds(),
    log: memoryLog(),
    metrics: memoryMetrics(),
  });
  const served = spec as unknown as ServiceSpec;
  return {
    spec: served,
    audit,
    async send(subject, body) {
      const endpoint = served.endpoints.find((candidate) => candidate.subject === subject);
      if (!endpoint) throw new Error(`nobody serves ${subject}`);
      const bytes =
        body instanceof Uint8Array
          ? body
          : new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body));
      return JSON.parse(new TextDecoder().decode(await endpoint.handle({ subject, bytes, headers: {} })));
    },
    stop: () => audit.close(),
    end: () => serving.stop(),
  };
}

let tokens = 0;

/** Claims of a good command; change what a test is about. */
export function claims(at: Office, cmd: string, args: Record<string, unknown> = {}, more: object = {}) {
  const iat = Math.floor(at.clock.wallMs() / 1_000);
  tokens += 1;
  const jti = `token-number-${String(tokens).padStart(6, '0')}`;
  return { iss: ADMIN_ISSUER, aud: CLUSTER, jti, iat, exp: iat + 60, cmd, args, ...more };
}

export const signed = async (at: Office, role: TestRole, body: Record<string, unknown>) => ({
  token: await tokenSigner(at.keys[role]).sign(ADMIN_TOKEN_TYPE, body),
});

/** What the newest line of a node's audit says. */
export const lastLine = ({ audit }: TestNode) => audit.tail(1).entries[0];
