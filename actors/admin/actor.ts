/** The admin service as an actor: it serves for as long as it lives, and is served anew after a crash. */
import { defineActor } from '../../runtime/index.ts';
import { AuditLog, type AuditLogOptions } from './audit-log.ts';
import { type AdminServiceOptions, serveAdmin } from './service.ts';

export interface AdminArgs {
  readonly service: Omit<AdminServiceOptions, 'audit'>;
  readonly audit: AuditLogOptions;
}

interface AdminState {
  readonly audit: AuditLog;
  readonly serving: { stop(): Promise<void> };
}

export const admin = defineActor<AdminState, never, never, AdminArgs>({
  name: 'admin',
  async fresh(_, { service, audit: folder }) {
    const audit = await AuditLog.open(folder);
    try {
      return { audit, serving: await serveAdmin({ ...service, audit }) };
    } catch (error) {
      await audit.close();
      throw error;
    }
  },
  decide: {},
  async stopped({ audit, serving }) {
    await serving.stop();
    await audit.close();
  },
});
