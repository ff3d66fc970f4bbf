/** The deployment examples, held against the tools that will read them. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { loadPlacement } from '../../../config/placement/load.ts';
import { cleanUpAfterwards, folderFor } from '../support/esper.ts';

cleanUpAfterwards();

const there = (tool: string, ...args: string[]) => spawnSync(tool, args).status === 0;

interface Manifest {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: { readonly name: string };
  readonly data?: Record<string, string>;
  readonly spec?: {
    readonly selector?: { readonly matchLabels?: Record<string, string> };
    readonly template?: {
      readonly metadata: { readonly labels: Record<string, string> };
      readonly spec: {
        readonly containers: readonly {
          readonly args: readonly string[];
          readonly volumeMounts: readonly { readonly name: string }[];
        }[];
        readonly volumes?: readonly { readonly name: string }[];
      };
    };
    readonly volumeClaimTemplates?: readonly { readonly metadata: { readonly name: string } }[];
  };
}

const manifests = parseAllDocuments(readFileSync('docs/deploy/kubernetes.yaml', 'utf8')).map(
  (document) => document.toJS() as Manifest,
);

describe('the examples of deployment', () => {
  it.skipIf(!there('docker-compose', 'version'))('are a compose file with three nodes in a profile', () => {
    const env = { ...process.env, POSTGRES_PASSWORD: 'a', S3_ACCESS_KEY: 'b', S3_SECRET_KEY: 'c' };
    const run = (...args: string[]) =>
      spawnSync('docker-compose', ['--profile', 'cluster', ...args], { env });

    expect(run('config', '-q').status).toBe(0);
    const services = run('config', '--services').stdout.toString().trim().split('\n');
    expect(services).toEqual(expect.arrayContaining(['nats', 'trainer', 'forge-a', 'forge-b']));
  });

  it.skipIf(!there('systemd-analyze', '--version'))('are a unit that systemd accepts', () => {
    const unit = join(folderFor('systemd'), 'esper@trainer.service');
    copyFileSync('docs/deploy/esper@.service', unit);
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', unit]);

    expect({ status, said: stderr.toString() }).toEqual({ status: 0, said: '' });
  });

  it('are manifests whose selectors, volumes and placement file fit together', () => {
    const sets = manifests.filter(({ kind }) => kind === 'StatefulSet');
    for (const { spec } of sets) {
      expect(spec?.template?.metadata.labels).toMatchObject(spec?.selector?.matchLabels ?? {});
      const volumes = [
        ...(spec?.template?.spec.volumes ?? []).map(({ name }) => name),
        ...(spec?.volumeClaimTemplates ?? []).map(({ metadata }) => metadata.name),
      ];
      for (const { volumeMounts } of spec?.template?.spec.containers ?? [])
        for (const { name } of volumeMounts) expect(volumes).toContain(name);
    }
    const text = manifests.find(({ kind }) => kind === 'ConfigMap')?.data?.['placement.yaml'] ?? '';
    const { nodes } = loadPlacement({ file: 'placement.yaml', text });
    const started = sets.flatMap(({ spec }) => spec?.template?.spec.containers ?? []);
    const named = started.filter(({ args }) => args[0] === 'up').map(({ args }) => args[2]);
    expect(named.sort()).toEqual(nodes.map(({ name }) => name).sort());
  });
});
