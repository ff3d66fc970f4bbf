/** Comedy behind one factory: everything else imports this and never the package itself. */
export { comedyOwnership } from './ownership.ts';
