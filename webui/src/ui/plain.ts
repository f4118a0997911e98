/** Text of others, made safe to look at. */

/** What would act, or hide, where it is printed. */
export const TRICKS =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

/**
 * Text that somebody else wrote, with all that would act instead of being read made visible: terminal escapes, and
 * characters that turn the order of a line around or hide in it.
 */
export function plain(text: string): string {
  return text.replace(/\r\n/g, "\n").replace(TRICKS, (sign) => {
    const code = sign.codePointAt(0) ?? 0;
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : `⟨U+${code.toString(16).toUpperCase().padStart(4, "0")}⟩`;
  });
}

/** `plain`, on one line and not longer than `most`. */
export function oneLine(text: string, most = 200): string {
  const line = plain(text).replace(/\s+/g, " ").trim();
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
}
