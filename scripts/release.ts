import * as z from 'zod';
import { gcloud } from './deploy/gcloud.ts';
import { moveTraffic } from './deploy/move-traffic.ts';
import { readOptions, runCommand } from './local/read-arguments.ts';

/* `npm run release`: the last step of cloudbuild.yaml. It moves the traffic to the new revisions. */

const USAGE = `npm run release -- --project=ID --region=REGION [--steps=10,50,100] [--origin=https://HOST]
  checks the revisions tagged candidate, moves traffic to them step by step, and moves it back if a check fails`;

const isRising = (list: readonly number[]): boolean =>
  list.at(-1) === 100 && list.every((step, at) => Number.isInteger(step) && step > (list[at - 1] ?? 0));

const { project, region, steps, origin } = readOptions(USAGE, {
  project: z.string('is required'),
  region: z.string('is required'),
  steps: z
    .string()
    .default('100')
    .transform((text) => text.split(',').map(Number))
    .refine(isRising, {
      error: ({ input }) =>
        `is "${input}"; it must be a list of rising percentages that ends with 100, such as 10,50,100`,
    }),
  origin: z.string().optional(),
});

await runCommand(() =>
  moveTraffic({
    gcloud,
    flags: [`--project=${project}`, `--region=${region}`],
    steps,
    // Cloud Build passes an empty one if there is no load balancer.
    origin: origin || undefined,
    print: console.log,
  }),
);
