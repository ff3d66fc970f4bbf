/** Ids of event streams, and the folder names made of them: any path of an actor is one. */
import { badId } from './errors.ts';

const NAME_MAX = 200;

/** The id as a name that every file system takes: no slash, no dot. @throws EVENTS_BAD_ID */
export function folderNameOf(id: string): string {
  let name: string;
  try {
    name = encodeURIComponent(id).replaceAll('.', '%2E').replaceAll('*', '%2A');
  } catch {
    throw badId(id); // half a surrogate pair
  }
  if (name.length === 0 || name.length > NAME_MAX) throw badId(id);
  return name;
}
