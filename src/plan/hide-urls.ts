/** How remedies write a URL. */
const EXAMPLE = /^postgres(ql)?:\/\/user:password@host\b/;

/** A text for people, without URLs: they may hold a password, whatever stands before them. */
export function hideUrls(text: string): string {
  return text.replace(/\b[a-z][a-z0-9+.-]*:\/\/[^\s']+/gi, (url) => (EXAMPLE.test(url) ? url : '(a URL)'));
}
