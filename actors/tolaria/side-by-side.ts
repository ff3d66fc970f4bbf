/** Work without an order, done side by side: nobody hears of the end while some of it still goes on. */

/** All results in order, when all have ended. @throws what the first in order was rejected with */
export async function sideBySide<const T extends readonly unknown[]>(
  work: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(work);
  return Promise.all(work);
}
