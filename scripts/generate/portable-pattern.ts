/** Syntax that Python's `re`, RE2 and JavaScript read differently, or that one of them does not support. */
const NOT_PORTABLE = /\\[pPsSwWbB]|\(\?(?!:)|\\[1-9]|\\k</;

/**
 * Rewrites a JavaScript pattern so that other languages read it the same way: digits are ASCII digits, and characters
 * beyond ASCII are written literally.
 * @throws Error when the pattern cannot be rewritten
 */
export const portablePattern = (pattern: string): string => {
  if (NOT_PORTABLE.test(pattern)) {
    throw new Error(`The pattern ${pattern} means different things in Python, RE2 and JavaScript. Use simpler syntax.`);
  }
  return pattern
    .replaceAll('\\d', '[0-9]')
    .replace(/\\u\{?([0-9a-f]{4,6})\}?/gi, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 16)));
};
