/**
 * What two queries at the two ends come to, once both have ended: a session whose query still runs cannot be given back
 * because the other end's has failed.
 */
export async function bothEnded<A, B>(one: Promise<A>, other: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([one, other]);
  return [await one, await other];
}
