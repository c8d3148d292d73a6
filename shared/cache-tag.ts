const declared = new Set<string>();

/**
 * A tag for answers that a route keeps, 1 to 64 of a–z, 0–9 and -. Only `emptiedTag` declares one, for the module that writes
 * what they hold: a route whose cache names any other tag would never be emptied, and is refused.
 */
export const cacheTag = (name: string): string => {
  declared.add(name);
  return name;
};

export const isCacheTag = (name: string): boolean => declared.has(name);
