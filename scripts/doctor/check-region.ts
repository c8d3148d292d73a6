import * as z from 'zod';
import { manifest } from '../../functions/manifest.ts';
import type { RedisSettings } from '../../shared/config/config.ts';
import type { Gcloud } from '../deploy/gcloud.ts';
import { type Finding, fault, ok, warning } from './finding.ts';

const address = z.object({ address: z.string().optional() });
const connection = z.object({ pscAutoConnection: z.object({ ipAddress: z.string().optional() }).optional() });

/** Redis has its address in `host`, Redis Cluster in discovery endpoints, Valkey in endpoints. A new store has none yet. */
const stores = z.array(
  z.object({
    name: z.string(),
    host: z.string().optional(),
    discoveryEndpoints: z.array(address).default([]),
    endpoints: z.array(z.object({ connections: z.array(connection).default([]) })).default([]),
  }),
);
const services = z.array(
  z.object({ metadata: z.object({ name: z.string(), labels: z.record(z.string(), z.string()).default({}) }) }),
);

const addressesOf = ({ host, discoveryEndpoints, endpoints }: z.infer<typeof stores>[number]): string[] =>
  [
    host,
    ...discoveryEndpoints.map(({ address }) => address),
    ...endpoints.flatMap(({ connections }) => connections.map((it) => it.pscAutoConnection?.ipAddress)),
  ].filter((address) => address !== undefined);

/** Whether Redis and the functions are in one region: a connector cannot reach another. */
export const regionFinding = async (gcloud: Gcloud, project: string, redis: RedisSettings): Promise<Finding> => {
  const flags = ['--format=json', `--project=${project}`];
  const kind = redis.cluster ? 'clusters' : 'instances';
  const found = stores.parse(JSON.parse(await gcloud('redis', kind, 'list', '--region=-', ...flags)));
  const isHere = (store: (typeof found)[number]) => addressesOf(store).includes(redis.host);
  if (!found.some(isHere)) {
    // Without Valkey, this API may be disabled.
    const listed = await gcloud('memorystore', 'instances', 'list', '--location=-', ...flags).catch(() => '[]');
    found.push(...stores.parse(JSON.parse(listed)));
  }
  const here = found.find(isHere);
  if (here === undefined) {
    return warning(
      `No Memorystore ${redis.cluster ? 'cluster' : 'instance'} of ${project} has the address ${redis.host}`,
      `Unless Redis runs elsewhere, set REDISHOST to one of: ${found.flatMap(addressesOf).join(', ') || 'none exists yet'}.`,
    );
  }
  const names = new Set(manifest.map(({ name }) => name));
  const deployed = services.parse(JSON.parse(await gcloud('run', 'services', 'list', ...flags)));
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
