/** Line ends, what else steers a terminal, and what turns the direction of a text. */
const UNSEEN = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** A text for people, in one line: names may hold any sign, which then is shown by its number, such as `\u{a}`. */
export function oneLine(text: string): string {
  return text.replace(UNSEEN, (sign) => `\\u{${sign.codePointAt(0)?.toString(16)}}`);
}
