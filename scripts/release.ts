import * as z from 'zod';
import { gcloud } from './deploy/gcloud.ts';
import { moveTraffic } from './deploy/move-traffic.ts';
import { readOptions, runCommand } from './local/read-arguments.ts';

/* `npm run release`: the last step of cloudbuild.yaml, which gives the traffic to what was just deployed. */

const USAGE = `npm run release -- --project=ID --region=REGION [--steps=10,50,100] [--origin=https://HOST]
  tries the revisions tagged candidate, gives them the traffic step by step, and takes it back if a check fails`;

const isRising = (list: readonly number[]): boolean =>
  list.at(-1) === 100 && list.every((step, at) => Number.isInteger(step) && step > (list[at - 1] ?? 0));

const { project, region, steps, origin } = readOptions(USAGE, {
  project: z.string('must be given'),
  region: z.string('must be given'),
  steps: z
    .string()
    .default('100')
    .transform((text) => text.split(',').map(Number))
    .refine(isRising, {
      error: ({ input }) => `is "${input}"; it must be percentages that rise to 100, such as 10,50,100`,
    }),
  origin: z.string().optional(),
});

await runCommand(async () => {
  await moveTraffic({
    gcloud,
    place: [`--project=${project}`, `--region=${region}`],
    steps,
    // Cloud Build gives an empty one where there is no load balancer.
    origin: origin || undefined,
    print: console.log,
  });
});
