import * as z from 'zod';
import { copyKey, countKeys, eachPage, isEqual } from './copy-keys.ts';
import type { Store } from './store.ts';

/** The SCAN cursor of each node of the source. `0` means that the node is done. */
export const progress = z.object({ cursors: z.record(z.string(), z.string()), copied: z.int() });
export type Progress = z.infer<typeof progress>;

interface Options {
  readonly from: Store;
  readonly to: Store;
  /** Where an interrupted copy resumes. */
  readonly progress?: Progress | undefined;
  readonly save?: (progress: Progress) => void;
  /** Delete keys from the target that the source does not have. */
  readonly deleteOthers?: boolean;
  /** Do not overwrite, because the functions already write to the target. Nothing is compared then. */
  readonly onlyMissing?: boolean;
}

const SAMPLE_KEYS = 1_000;
const COMPARISONS = 5;

const deleteMissing = async (from: Store, to: Store): Promise<number> => {
  let deleted = 0;
  for (const node of await to.nodes()) {
    await eachPage(node, '0', async (keys) => {
      const counts = await Promise.all(
        keys.map(async (key) => ((await from.send(key, ['EXISTS', key])) === 0 ? to.send(key, ['DEL', key]) : 0)),
      );
      deleted += counts.filter((count) => count === 1).length;
    });
  }
  return deleted;
};

/** Compares the keys and copies again those that differ. @returns how many did, and how many still do */
const compare = async (from: Store, to: Store, keys: readonly Buffer[]) => {
  let differing = keys;
  let copiedAgain = 0;
  for (let comparison = 1; ; comparison += 1) {
    const equal = await Promise.all(differing.map((key) => isEqual(from, to, key)));
    differing = differing.filter((_, at) => !equal[at]);
    // Keys that differ after every comparison keep changing in the source.
    if (differing.length === 0 || comparison === COMPARISONS) return { copiedAgain, differing: differing.length };
    copiedAgain = Math.max(copiedAgain, differing.length);
    for (const key of differing) if (!(await copyKey(from, to, key))) await to.send(key, ['DEL', key]);
  }
};

/** Copies every key, then counts the keys on both sides and compares a sample of them. */
export const copyStore = async (options: Options) => {
  const { from, to, save, deleteOthers = false, onlyMissing = false } = options;
  const cursors = { ...options.progress?.cursors };
  let copied = options.progress?.copied ?? 0;
  const sample: Buffer[] = [];
  let seen = 0;
  for (const node of await from.nodes()) {
    const cursor = cursors[node.address];
    if (cursor === '0') continue;
    await eachPage(node, cursor ?? '0', async (keys, next) => {
      const written = await Promise.all(keys.map((key) => copyKey(from, to, key, onlyMissing ? 'keep' : 'replace')));
      copied += written.filter(Boolean).length;
      for (const key of keys) {
        seen += 1;
        // Reservoir sampling: every key is equally likely to be in the sample, however many there are.
        const at = sample.length < SAMPLE_KEYS ? sample.length : Math.floor(Math.random() * seen);
        if (at < SAMPLE_KEYS) sample[at] = key;
      }
      cursors[node.address] = next;
      save?.({ cursors: { ...cursors }, copied });
    });
  }
  const deleted = deleteOthers ? await deleteMissing(from, to) : 0;
  const sampled = onlyMissing ? [] : sample;
  const comparison = await compare(from, to, sampled);
  const [inSource, inTarget] = await Promise.all([countKeys(from), countKeys(to)]);
  return { copied, deleted, inSource, inTarget, sampled: sampled.length, ...comparison };
};
