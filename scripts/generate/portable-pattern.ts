/** What Python's `re`, RE2 and JavaScript do not read alike, or one of them not at all. */
const FOREIGN = /\\[pPsSwWbB]|\(\?(?!:)|\\[1-9]|\\k</;

/**
 * A JavaScript pattern as every language reads it: digits are ASCII's, and characters beyond ASCII stand for themselves.
 * @throws Error when it cannot be written so
 */
export const portablePattern = (pattern: string): string => {
  if (FOREIGN.test(pattern)) throw new Error(`${pattern} is not read alike by Python, RE2 and JavaScript`);
  return pattern
    .replaceAll('\\d', '[0-9]')
    .replace(/\\u\{?([0-9a-f]{4,6})\}?/gi, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 16)));
};
