/** What a handler throws when another try cannot help. */
export class Undeliverable extends Error {
  override readonly name = 'Undeliverable';
}
