import * as z from 'zod';
import { closeRedis } from '../shared/redis/index.ts';
import { gcloud } from './deploy/gcloud.ts';
import { diagnose } from './doctor/diagnose.ts';
import { readEnvFile, readOptions } from './local/read-arguments.ts';

const USAGE = `npm run doctor -- [--project=ID]
  reads the settings from the environment and .env, and says what is wrong and how to fix it
  --project=ID   also asks Google Cloud, through gcloud`;

readEnvFile();
const { project } = readOptions(USAGE, { project: z.string().optional() });

const SIGNS = { ok: 'ok      ', warning: 'warning ', fault: 'FAULT   ' } as const;

for await (const { level, what, remedy } of diagnose(
  Date.now(),
  project === undefined ? undefined : { gcloud, project },
)) {
  console.log(`${SIGNS[level]}${what.replace(/\.$/, '')}.`);
  if (remedy !== undefined) console.log(`        -> ${remedy}`);
  if (level === 'fault') process.exitCode = 1;
}
await closeRedis();
