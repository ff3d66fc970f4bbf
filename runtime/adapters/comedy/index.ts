/** Comedy behind one factory: everything else imports this and never the package itself. */
export { type ComedyOptions, comedyOwnership } from './ownership.ts';
