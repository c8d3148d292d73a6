import * as z from 'zod';
import { manifest } from '../../functions/manifest.ts';
import { type Finding, fault, ok, warning } from './finding.ts';

/** Runs gcloud with these arguments and answers what it printed as JSON. */
export type Gcloud = (...args: readonly string[]) => Promise<unknown>;

const instances = z.array(z.object({ name: z.string(), host: z.string().optional() }));
const services = z.array(
  z.object({ metadata: z.object({ name: z.string(), labels: z.record(z.string(), z.string()).default({}) }) }),
);

const regionOf = (name: string): string => name.split('/')[3] ?? 'unknown';

/** Whether Redis and the functions are in one region: a connector reaches no other. */
export const regionFinding = async (gcloud: Gcloud, project: string, host: string): Promise<Finding> => {
  const listed = ['--format=json', `--project=${project}`];
  const redis = instances.parse(await gcloud('redis', 'instances', 'list', '--region=-', ...listed));
  const here = redis.find((instance) => instance.host === host);
  if (here === undefined) {
    return warning(
      `No Memorystore instance of ${project} has the address ${host}`,
      `Set REDISHOST to one of: ${redis.map((instance) => instance.host).join(', ') || 'none is there yet'}.`,
    );
  }
  const names = new Set(manifest.map(({ name }) => name));
  const deployed = services.parse(await gcloud('run', 'services', 'list', ...listed));
  const region = regionOf(here.name);
  const away = deployed
    .filter(({ metadata }) => names.has(metadata.name))
    .map(({ metadata }) => ({ name: metadata.name, region: metadata.labels['cloud.googleapis.com/location'] }))
    .filter((service) => service.region !== region);
  return away.length === 0
    ? ok(`Redis and the functions are in ${region}`)
    : fault(
        `Redis is in ${region}, but ${away.map((service) => `${service.name} in ${service.region}`).join(', ')}`,
        'A connector reaches Redis in its own region only: deploy all of them in one region (region in Terraform).',
      );
};
