/** Stands between Node and the build: hands over every file as it is, and one with a defect in it. */
import { type Defect, plant } from './defect.ts';
import { DEFECTS } from './defects.ts';

type Next = (url: string, context: object) => Promise<{ readonly source?: unknown }>;

let planted: Defect | undefined;

export function initialize(name: string): void {
  planted = DEFECTS.find((defect) => defect.name === name);
  if (planted === undefined) throw new Error(`there is no defect ${name}`);
}

export async function load(url: string, context: object, next: Next): Promise<unknown> {
  const loaded = await next(url, context);
  if (planted === undefined || !url.endsWith(`/${planted.file}`)) return loaded;
  const source =
    loaded.source instanceof Uint8Array ? new TextDecoder().decode(loaded.source) : loaded.source;
  return { ...loaded, source: plant(String(source), planted) };
}
