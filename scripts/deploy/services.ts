import * as z from 'zod';
import { manifest } from '../../functions/manifest.ts';
import { CANDIDATE, type Gcloud } from './gcloud.ts';

const target = z.object({
  revisionName: z.string(),
  percent: z.number().default(0),
  tag: z.string().optional(),
  url: z.url().optional(),
});

/** What `gcloud run services list --format=json` prints, as far as a release needs it. */
const services = z.array(
  z.object({
    metadata: z.object({ name: z.string() }),
    status: z.object({ url: z.url(), traffic: z.array(target) }),
  }),
);

/** The percentage of calls that each revision gets. */
export type Shares = Readonly<Record<string, number>>;

export const listArguments = (place: readonly string[]) => ['run', 'services', 'list', '--format=json', ...place];

export const tokenArguments = (audience: string) => ['auth', 'print-identity-token', `--audiences=${audience}`];

/** Every function of the manifest as it is deployed now, with its candidate beside what serves. @throws Error when one or its candidate is not there */
export const readServices = async (gcloud: Gcloud, place: readonly string[]) => {
  const listed = services.parse(JSON.parse(await gcloud(...listArguments(place))));
  return manifest.map(({ name, access }) => {
    const status = listed.find(({ metadata }) => metadata.name === name)?.status;
    const tagged = status?.traffic.find(({ tag }) => tag === CANDIDATE);
    if (status === undefined || tagged?.url === undefined) {
      throw new Error(`${name} has no revision tagged ${CANDIDATE}: deploy it first`);
    }
    // A revision has one entry for its share and another for its tag.
    const serving: Record<string, number> = {};
    for (const { revisionName, percent } of status.traffic) {
      if (percent > 0) serving[revisionName] = (serving[revisionName] ?? 0) + percent;
    }
    const candidate = { revision: tagged.revisionName, url: tagged.url };
    return { name, url: status.url, isPrivate: access === 'private', serving, candidate };
  });
};

export type Service = Awaited<ReturnType<typeof readServices>>[number];
