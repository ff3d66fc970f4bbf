/** What a check answers: how it stands, what was found, and what to do. */
import type { CheckResult } from '../views/documents.ts';

export type Answer = Omit<CheckResult, 'name'>;
export const ok = (finding: string): Answer => ({ state: 'ok', finding, next: '' });
export const warning = (finding: string, next: string): Answer => ({ state: 'warning', finding, next });
export const failed = (finding: string, next: string): Answer => ({ state: 'failed', finding, next });
