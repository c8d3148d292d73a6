import * as z from 'zod';
import { copyKey, countKeys, eachPage, isEqual } from './copy-keys.ts';
import type { Store } from './store.ts';

/** How far a copy has come: the cursor of each node of the source, `0` at its end. */
export const progress = z.object({ cursors: z.record(z.string(), z.string()), copied: z.int() });
export type Progress = z.infer<typeof progress>;

interface Options {
  readonly from: Store;
  readonly to: Store;
  /** Where an interrupted copy goes on. */
  readonly progress?: Progress | undefined;
  readonly save: (progress: Progress) => void;
  /** Delete from the target what the source does not have. */
  readonly deleteOthers: boolean;
  /** Keep what the target has under the same name: its functions write already. Nothing is compared then. */
  readonly onlyMissing?: boolean;
}

const SAMPLE_KEYS = 1_000;
const COMPARISONS = 5;

/** Every key of the sample has the same chance of being in it, however many there are (reservoir sampling). */
class Sample {
  readonly keys: Buffer[] = [];
  #seen = 0;

  add(key: Buffer): void {
    this.#seen += 1;
    const at = this.keys.length < SAMPLE_KEYS ? this.keys.length : Math.floor(Math.random() * this.#seen);
    if (at < SAMPLE_KEYS) this.keys[at] = key;
  }
}

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

/** Copies every key, then counts both sides and compares a sample. Keys that changed during the copy are copied again. */
export const copyStore = async ({ from, to, progress: before, save, deleteOthers, onlyMissing }: Options) => {
  const cursors: Record<string, string> = { ...before?.cursors };
  let copied = before?.copied ?? 0;
  const sample = new Sample();
  for (const node of await from.nodes()) {
    if (cursors[node.address] === '0') continue;
    await eachPage(node, cursors[node.address] ?? '0', async (keys, next) => {
      const done = await Promise.all(keys.map((key) => copyKey(from, to, key, onlyMissing ? 'keep' : 'replace')));
      copied += done.filter(Boolean).length;
      if (!onlyMissing) for (const key of keys) sample.add(key);
      cursors[node.address] = next;
      save({ cursors: { ...cursors }, copied });
    });
  }
  const deleted = deleteOthers ? await deleteMissing(from, to) : 0;

  let differing: Buffer[] = sample.keys;
  let copiedAgain = 0;
  for (let comparison = 1; comparison <= COMPARISONS && differing.length > 0; comparison += 1) {
    if (comparison > 1) {
      copiedAgain = Math.max(copiedAgain, differing.length);
      for (const key of differing) if (!(await copyKey(from, to, key))) await to.send(key, ['DEL', key]);
    }
    const equal = await Promise.all(differing.map((key) => isEqual(from, to, key)));
    differing = differing.filter((_, at) => !equal[at]);
  }
  const [inSource, inTarget] = await Promise.all([countKeys(from), countKeys(to)]);
  const sampled = sample.keys.length;
  // What differs still went on changing while it was compared.
  return { copied, deleted, inSource, inTarget, sampled, copiedAgain, differing: differing.length };
};
