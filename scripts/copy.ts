import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { readConfig } from '../shared/config/config.ts';
import { countKeys } from './copy/copy-keys.ts';
import { copyStore, type Progress, progress } from './copy/copy-store.ts';
import { openStore, type Store } from './copy/store.ts';
import { readEnvFile, readOptions, runCommand } from './local/read-arguments.ts';

const SAVE_MS = 1_000;

const USAGE = `npm run copy -- --from=redis://HOST:PORT --to=rediss://:PASSWORD@HOST:PORT [options]
  copies every key with its TTL, from one node or a cluster to one node or a cluster
  --merge              allow a target that holds keys; the copy overwrites those with the same name
  --delete             with --merge: delete keys from the target that the source does not have
  --only-missing       with --merge: do not overwrite; for use after the switch, when the functions write to the target
  --from-ca, --to-ca   a file with the certificates to trust (PEM)
  --from-iam, --to-iam log in with an access token of this machine's service account
Run it once while the functions write, stop the writers, run it again with --merge --delete, then switch.
If a copy is interrupted, run it again: it resumes where it stopped.`;

readEnvFile();
const flag = z.boolean().default(false);
const options = readOptions(USAGE, {
  from: z.string('must be given'),
  to: z.string('must be given'),
  merge: flag,
  delete: flag,
  'only-missing': flag,
  'from-ca': z.string().optional(),
  'to-ca': z.string().optional(),
  'from-iam': flag,
  'to-iam': flag,
});

const open = (side: 'from' | 'to') => {
  const ca = options[`${side}-ca`];
  const settings = {
    REDIS_URL: options[side],
    REDIS_CONNECT_TIMEOUT_MS: '10000',
    REDIS_IAM: String(options[`${side}-iam`]),
    ...(ca !== undefined && { REDIS_CA: readFileSync(ca, 'utf8') }),
  };
  return openStore(readConfig(settings).redis);
};

const format = (value: number): string => value.toLocaleString('en');

/** Keeps the progress of a copy between two stores in a file, so that it can be resumed. */
const progressFile = (from: Store, to: Store) => {
  const pair = createHash('sha256').update(`${from.address} ${to.address}`).digest('hex').slice(0, 16);
  const folder = join(import.meta.dirname, '..', '.cache');
  const file = join(folder, `copy-${pair}.json`);
  return {
    read: () => (existsSync(file) ? progress.parse(JSON.parse(readFileSync(file, 'utf8'))) : undefined),
    write: (reached: Progress): void => {
      mkdirSync(folder, { recursive: true });
      writeFileSync(file, JSON.stringify(reached));
    },
    remove: (): void => rmSync(file, { force: true }),
  };
};

const { merge, delete: deleteOthers, 'only-missing': onlyMissing } = options;

await runCommand(async () => {
  if ((deleteOthers || onlyMissing) && !merge) throw new Error('--delete and --only-missing need --merge.');
  if (deleteOthers && onlyMissing) throw new Error('Use either --delete or --only-missing.');
  const from = await open('from');
  const to = await open('to');
  if (from.address === to.address) throw new Error('--from and --to are the same Redis.');
  const [inSource, inTarget] = [await countKeys(from), await countKeys(to)];
  const saved = progressFile(from, to);
  const resumed = saved.read();
  if (inTarget > 0 && !merge && resumed === undefined) {
    throw new Error(`The target holds ${format(inTarget)} keys. Empty it, or use --merge to overwrite them.`);
  }
  if (resumed !== undefined) console.log(`Resuming after ${format(resumed.copied)} keys.`);

  const startedAt = performance.now();
  let savedAt = 0;
  const save = (reached: Progress): void => {
    if (savedAt > 0 && performance.now() - savedAt < SAVE_MS) return;
    savedAt = performance.now();
    saved.write(reached);
    console.log(`${format(reached.copied)} of about ${format(inSource)} keys`);
  };
  const done = await copyStore({ from, to, progress: resumed, save, deleteOthers, onlyMissing });
  saved.remove();
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  console.log(`${format(done.copied)} keys copied, ${format(done.deleted)} deleted, in ${seconds} s
The source holds ${format(done.inSource)} keys, the target ${format(done.inTarget)}.
Of ${format(done.sampled)} keys compared, ${format(done.copiedAgain)} had changed and were copied again, ${format(done.differing)} still differ.`);
  if (done.differing > 0 || (!onlyMissing && done.inSource !== done.inTarget)) {
    console.log('They differ while the source is written to. Stop the writers and run it again with --merge --delete.');
  }
  if (done.differing > 0) process.exitCode = 1;
});
// The open connections would keep the process alive.
process.exit();
