/** comedy behind one factory: everything else imports this and never comedy. */
export { type ComedyOptions, comedyOwnership } from './ownership.ts';
