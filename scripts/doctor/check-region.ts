import * as z from 'zod';
import { manifest } from '../../functions/manifest.ts';
import type { RedisSettings } from '../../shared/config/config.ts';
import type { Gcloud } from '../deploy/gcloud.ts';
import { type Finding, fault, ok, warning } from './finding.ts';

/** An instance has its address in `host`, a cluster in its discovery endpoints. While being created it has neither. */
const stores = z.array(
  z.object({
    name: z.string(),
    host: z.string().optional(),
    discoveryEndpoints: z.array(z.object({ address: z.string().optional() })).default([]),
  }),
);
const services = z.array(
  z.object({ metadata: z.object({ name: z.string(), labels: z.record(z.string(), z.string()).default({}) }) }),
);

const addressesOf = ({ host, discoveryEndpoints }: z.infer<typeof stores>[number]): string[] =>
  [host, ...discoveryEndpoints.map(({ address }) => address)].filter((address) => address !== undefined);

/** Whether Redis and the functions are in one region: a connector cannot reach another. */
export const regionFinding = async (gcloud: Gcloud, project: string, redis: RedisSettings): Promise<Finding> => {
  const list = async (...args: readonly string[]): Promise<unknown> =>
    JSON.parse(await gcloud(...args, 'list', '--format=json', `--project=${project}`));
  const kind = redis.cluster ? 'cluster' : 'instance';
  const there = stores.parse(await list('redis', `${kind}s`, '--region=-'));
  const here = there.find((store) => addressesOf(store).includes(redis.host));
  if (here === undefined) {
    return warning(
      `No Memorystore ${kind} of ${project} has the address ${redis.host}`,
      `Set REDISHOST to one of: ${there.flatMap(addressesOf).join(', ') || 'none exists yet'}.`,
    );
  }
  const names = new Set(manifest.map(({ name }) => name));
  const deployed = services.parse(await list('run', 'services'));
  const region = here.name.split('/')[3] ?? 'unknown';
  const away = deployed.flatMap(({ metadata: { name, labels } }) => {
    const there = labels['cloud.googleapis.com/location'];
    return names.has(name) && there !== region ? [`${name} is in ${there}`] : [];
  });
  return away.length === 0
    ? ok(`Redis and the functions are in ${region}`)
    : fault(
        `Redis is in ${region}, but ${away.join(', ')}`,
        'A connector reaches Redis only in its own region: deploy everything to one region (region in Terraform).',
      );
};
