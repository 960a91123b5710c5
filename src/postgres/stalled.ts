/** A connection that stays silent, or ended without saying so. Its message is ours and holds no value. */
export class Stalled extends Error {
  override readonly name = 'Stalled';
  readonly code = 'STALLED';
}
