/** What comes after a sync: a message, a build, a refresh. */
export function announce(sync: string, rows: number): Promise<string> {
  const message = `${sync}: ${rows} rows copied`;
  console.log(message);
  return Promise.resolve(message);
}
