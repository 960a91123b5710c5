/** What a run does outside the source's hours; nothing of one that does not wait for them. */
export function describeOpening(opens: string | undefined): string {
  return opens === undefined ? '' : `waiting for ${opens}, when the source may be read`;
}
