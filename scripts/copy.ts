import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { readConfig } from '../shared/config/config.ts';
import { countKeys } from './copy/copy-keys.ts';
import { copyStore, type Progress, progress } from './copy/copy-store.ts';
import { openStore } from './copy/store.ts';
import { messageOf } from './local/message-of.ts';
import { readEnvFile, readOptions } from './local/read-arguments.ts';

const USAGE = `npm run copy -- --from=redis://HOST:PORT --to=rediss://:PASSWORD@HOST:PORT [options]
  copies every key with its TTL, from one node or a cluster to one node or a cluster
  --merge              the target may hold keys; those of the same name are replaced
  --delete             with --merge: delete from the target what the source does not have
  --only-missing       with --merge: keep what the target has; for after the switch, when the functions write there
  --from-ca, --to-ca   a file with the certificates to trust (PEM)
  --from-iam, --to-iam log in with an access token of this machine's service account
Run it once while the functions write, stop the writers, run it again with --merge --delete, then switch.
An interrupted copy goes on where it was when it is run again.`;

readEnvFile();
const flag = z.boolean().default(false);
const given = readOptions(USAGE, {
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
  const ca = given[`${side}-ca`];
  const settings = {
    REDIS_URL: given[side],
    REDIS_CONNECT_TIMEOUT_MS: '10000',
    REDIS_IAM: String(given[`${side}-iam`]),
    ...(ca !== undefined && { REDIS_CA: readFileSync(ca, 'utf8') }),
  };
  return openStore(readConfig(settings).redis);
};

const count = (value: number): string => value.toLocaleString('en');

/** Where an unfinished copy between these two left off. */
const keepProgress = (pair: string, print: (copied: number) => void) => {
  const folder = join(import.meta.dirname, '..', '.cache');
  const file = join(folder, `copy-${createHash('sha256').update(pair).digest('hex').slice(0, 16)}.json`);
  let savedAt = 0;
  return {
    read: (): Progress | undefined =>
      existsSync(file) ? progress.parse(JSON.parse(readFileSync(file, 'utf8'))) : undefined,
    save: (reached: Progress): void => {
      if (Date.now() - savedAt < 1_000 && savedAt > 0) return;
      savedAt = Date.now();
      mkdirSync(folder, { recursive: true });
      writeFileSync(file, JSON.stringify(reached));
      print(reached.copied);
    },
    forget: (): void => rmSync(file, { force: true }),
  };
};

try {
  const { merge, delete: deleteOthers, 'only-missing': onlyMissing } = given;
  if ((deleteOthers || onlyMissing) && (!merge || deleteOthers === onlyMissing)) throw new Error(USAGE);
  const from = await open('from');
  const to = await open('to');
  if (from.address === to.address) throw new Error('--from and --to are the same Redis.');
  const [inSource, inTarget] = [await countKeys(from), await countKeys(to)];
  const kept = keepProgress(`${from.address} ${to.address}`, (copied) =>
    console.log(`${count(copied)} of about ${count(inSource)} keys`),
  );
  const unfinished = kept.read();
  if (inTarget > 0 && !merge && unfinished === undefined) {
    throw new Error(`The target holds ${count(inTarget)} keys. Empty it, or say --merge to copy on top of them.`);
  }
  if (unfinished !== undefined) console.log(`Going on after ${count(unfinished.copied)} keys.`);
  const began = performance.now();
  const done = await copyStore({ from, to, progress: unfinished, save: kept.save, deleteOthers, onlyMissing });
  kept.forget();
  const seconds = ((performance.now() - began) / 1_000).toFixed(1);
  console.log(`${count(done.copied)} keys copied, ${count(done.deleted)} deleted, in ${seconds} s`);
  console.log(`The source holds ${count(done.inSource)} keys, the target ${count(done.inTarget)}.`);
  console.log(
    `Of ${count(done.sampled)} keys compared, ${count(done.copiedAgain)} had changed and were copied again, ${count(done.differing)} still differ.`,
  );
  if (done.differing > 0 || (!onlyMissing && done.inSource !== done.inTarget)) {
    console.log(
      'While the source is written to they differ. Stop the writers, and run it again with --merge --delete.',
    );
  }
  if (done.differing > 0) process.exitCode = 1;
  from.close();
  to.close();
} catch (error) {
  console.error(messageOf(error));
  process.exit(1);
}
