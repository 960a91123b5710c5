/** What a run does outside the source's hours. */
export function describeOpening(opens: string): string {
  return `waiting for ${opens}, when the source may be read`;
}
