const declared = new Set<string>();

/**
 * A tag for answers that a route keeps, 1 to 64 of a–z, 0–9 and -. Declared beside the code that writes what they hold: a
 * route whose cache names any other tag would never be emptied, and is refused.
 */
export const cacheTag = (name: string): string => {
  declared.add(name);
  return name;
};

export const isCacheTag = (name: string): boolean => declared.has(name);
