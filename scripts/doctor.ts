import * as z from 'zod';
import { config } from '../shared/config/config.ts';
import { ConfigError } from '../shared/config/config-error.ts';
import { closeRedis } from '../shared/redis/index.ts';
import { gcloud } from './deploy/gcloud.ts';
import { diagnose } from './doctor/diagnose.ts';
import type { Finding } from './doctor/finding.ts';
import { readEnvFile, readOptions } from './local/read-arguments.ts';

const USAGE = `npm run doctor -- [--project=ID]
  reads the settings from the environment and .env, and says what is wrong and how to fix it
  --project=ID   also asks Google Cloud, through gcloud`;

readEnvFile();
const { project } = readOptions(USAGE, { project: z.string().optional() });

const SIGNS = { ok: 'ok      ', warning: 'warning ', fault: 'FAULT   ' } as const;

const print = ({ level, what, remedy }: Finding): void => {
  console.log(`${SIGNS[level]}${what.replace(/\.$/, '')}.`);
  if (remedy !== undefined) console.log(`        -> ${remedy}`);
};

try {
  const cloud = project === undefined ? {} : { cloud: { gcloud, project } };
  let faults = 0;
  for await (const finding of diagnose({ config: config(), nowMs: Date.now(), ...cloud })) {
    print(finding);
    if (finding.level === 'fault') faults += 1;
  }
  process.exitCode = faults === 0 ? 0 : 1;
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  print({ level: 'fault', what: error.message, remedy: 'Correct this setting. The README lists them all.' });
  process.exitCode = 1;
}
await closeRedis();
