/** comedy behind one factory. */
export { type ComedyOptions, comedyOwnership } from './ownership.ts';
