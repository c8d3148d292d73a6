import { emptyTag } from '../tag-generation.ts';

type Empty = () => Promise<void> | void;

const caches = new Map<string, Set<Empty>>();

/** Has `empty` called whenever the caches with this tag are to be emptied, in this instance. */
export const onEmptyCache = (tag: string, empty: Empty): void => {
  const known = caches.get(tag);
  if (known === undefined) caches.set(tag, new Set([empty]));
  else known.add(empty);
};

/** Empties what this instance and Redis keep under a tag; nothing when they keep nothing. @throws Problem redis-unavailable */
export const emptyCaches = async (tag: string): Promise<void> => {
  await Promise.all([emptyTag(tag), ...[...(caches.get(tag) ?? [])].map((empty) => empty())]);
};
