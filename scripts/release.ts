import * as z from 'zod';
import { gcloud } from './deploy/gcloud.ts';
import { moveTraffic } from './deploy/move-traffic.ts';
import { messageOf } from './local/message-of.ts';
import { readArguments } from './local/read-arguments.ts';

/* `npm run release`: the last step of cloudbuild.yaml, which gives the traffic to what was just deployed. */

const USAGE = `npm run release -- --project=ID --region=REGION [--steps=10,50,100] [--origin=https://HOST]
  tries the revisions tagged candidate, gives them the traffic step by step, and takes it back if a check fails`;

const { values } = readArguments(USAGE, {
  options: {
    project: { type: 'string' },
    region: { type: 'string' },
    steps: { type: 'string', default: '100' },
    // Cloud Build gives an empty one where there is no load balancer.
    origin: { type: 'string', default: '' },
  },
});

const STEPS = 'percentages that rise to 100, such as 10,50,100';
const steps = z
  .string()
  .transform((text) => text.split(',').map(Number))
  .pipe(z.array(z.int().min(1).max(100)))
  .refine((list) => list.at(-1) === 100 && list.every((step, at) => step > (list[at - 1] ?? 0)));

try {
  const { project, region } = values;
  if (project === undefined || region === undefined) throw new Error(USAGE);
  const parsed = steps.safeParse(values.steps);
  if (!parsed.success) throw new Error(`--steps is "${values.steps}"; it must be ${STEPS}`);
  await moveTraffic({
    gcloud,
    place: [`--project=${project}`, `--region=${region}`],
    steps: parsed.data,
    origin: values.origin === '' ? undefined : values.origin,
    print: console.log,
  });
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}
