import { Problem } from '../../problems/problem.ts';

/** More than any real document has, and less than what parsers in other languages refuse or crash on. */
const MAX_DEPTH = 500;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** The only bit that differs between `[` and `{`, and between `]` and `}`. */
const BRACE_BIT = 0x20;
const isOpen = (code: number): boolean => (code | BRACE_BIT) === 0x7b;
const isClose = (code: number): boolean => (code | BRACE_BIT) === 0x7d;
const SPACE = /[\s:,]*/y;
const SCALAR = /[^\s,\]}]+/y;

const tooDeep = (): Problem => {
  const message = `Nested more than ${MAX_DEPTH} levels deep`;
  return new Problem('invalid-request', `body: ${message}`, { errors: [{ path: 'body', message }] });
};

const endOf = (pattern: RegExp, text: string, from: number): number => {
  pattern.lastIndex = from;
  pattern.test(text);
  return Math.max(pattern.lastIndex, from);
};

const endOfString = (text: string, from: number): number => {
  for (let quote = text.indexOf('"', from + 1); ; quote = text.indexOf('"', quote + 1)) {
    let before = quote - 1;
    while (text.charCodeAt(before) === BACKSLASH) before -= 1;
    if ((quote - before) % 2 === 1) return quote + 1;
  }
};

const endOfNested = (text: string, from: number): number => {
  let depth = 0;
  for (let at = from; ; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at) - 1;
    else if (isOpen(code)) {
      depth += 1;
      if (depth > MAX_DEPTH) throw tooDeep();
    } else if (isClose(code)) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
};

const endOfValue = (text: string, from: number): number => {
  const code = text.charCodeAt(from);
  if (code === QUOTE) return endOfString(text, from);
  return isOpen(code) ? endOfNested(text, from) : endOf(SCALAR, text, from);
};

/**
 * The elements of a JSON array, or the names and values of an object in turn, all as written.
 * @param text valid JSON, an array or an object
 * @throws Problem invalid-request if an element is nested too deep
 */
export const arrayParts = (text: string): string[] => {
  const parts: string[] = [];
  let at = endOf(SPACE, text, endOf(SPACE, text, 0) + 1);
  while (!isClose(text.charCodeAt(at))) {
    const end = endOfValue(text, at);
    parts.push(text.slice(at, end));
    at = endOf(SPACE, text, end);
  }
  return parts;
};

/**
 * The members of a JSON object, with values as written: numbers keep digits that a JavaScript number would lose. If a name
 * occurs twice, the last one counts, as with JSON.parse.
 * @param text valid JSON, an object
 * @throws Problem invalid-request if a value is nested too deep
 */
export const objectParts = (text: string): ReadonlyMap<string, string> => {
  const parts = arrayParts(text);
  const members = new Map<string, string>();
  for (let at = 0; at < parts.length; at += 2) members.set(JSON.parse(parts[at] ?? ''), parts[at + 1] ?? '');
  return members;
};
