import * as z from 'zod';
import { manifest } from '../../functions/manifest.ts';
import { messageOf } from '../local/message-of.ts';
import { runSmoke } from '../smoke/run-checks.ts';
import type { Target } from '../smoke/smoke-client.ts';
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
type Shares = Readonly<Record<string, number>>;

export const listArguments = (place: readonly string[]) => ['run', 'services', 'list', '--format=json', ...place];

export const tokenArguments = (audience: string) => ['auth', 'print-identity-token', `--audiences=${audience}`];

/** Every function of the manifest as it is deployed now. @throws Error when one or its candidate is not there */
const readServices = async (gcloud: Gcloud, place: readonly string[]) => {
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

type Service = Awaited<ReturnType<typeof readServices>>[number];

export interface Release {
  readonly gcloud: Gcloud;
  /** `--project=…` and `--region=…`. */
  readonly place: readonly string[];
  /** Percentages of the calls that the candidates get, one after the other; the last is 100. */
  readonly steps: readonly number[];
  readonly print: (line: string) => void;
  /** Where a load balancer is the only way in: it takes the function and the revision from a header. */
  readonly origin?: string | undefined;
}

type Which = 'candidate' | 'live';

/** A private function takes tokens for its own URL, also at the URL of a tag. */
const targetOf = async ({ gcloud, origin }: Release, service: Service, which: Which): Promise<Target> => {
  const { name, url, isPrivate } = service;
  const at = which === 'candidate' ? service.candidate.url : url;
  return {
    ...(origin === undefined ? { url: at } : { url: origin, headers: { 'x-revision': `${name}/${which}` } }),
    ...(isPrivate && { token: (await gcloud(...tokenArguments(url))).trim() }),
  };
};

/** @throws Error when one check fails */
const smoke = async (release: Release, services: readonly Service[], which: Which) => {
  const functions = new Map<string, Target>();
  for (const service of services) functions.set(service.name, await targetOf(release, service, which));
  const failed = await runSmoke(functions, (line) => line.startsWith('ok ') || release.print(line));
  if (failed > 0) throw new Error(`${failed} checks failed`);
  release.print('ok        every check of the smoke test');
};

export const trafficArguments = ({ name }: Service, shares: Shares, place: readonly string[]): readonly string[] => {
  const pairs = Object.entries(shares).map(([revision, percent]) => `${revision}=${percent}`);
  return ['run', 'services', 'update-traffic', name, `--to-revisions=${pairs.join(',')}`, ...place];
};

/** Gives every function back what served it. One that cannot be moved does not keep the others from it. */
const moveBack = async ({ gcloud, place, print }: Release, services: readonly Service[]): Promise<void> => {
  for (const service of services.toReversed()) {
    const command = trafficArguments(service, service.serving, place);
    try {
      await gcloud(...command);
      print(`back      ${service.name} to ${Object.keys(service.serving).join(', ')}`);
    } catch (error) {
      print(`STUCK     ${service.name}: ${messageOf(error)}\n          Run: gcloud ${command.join(' ')}`);
    }
  }
};

/**
 * Tries the candidates at the URLs of their tags, then gives them the traffic function by function, and tries them
 * after each step. When anything fails, the revisions that had the traffic get it back.
 * @throws Error that says what failed; the traffic is then as it was before
 */
export const moveTraffic = async (release: Release): Promise<void> => {
  const { gcloud, place, steps, print } = release;
  const services = await readServices(gcloud, place);
  print('The candidates, without traffic:');
  await smoke(release, services, 'candidate');
  try {
    for (const percent of steps) {
      for (const service of services) {
        const { name, candidate } = service;
        await gcloud(...trafficArguments(service, { [candidate.revision]: percent }, place));
        print(`moved     ${percent} % of ${name} to ${candidate.revision}`);
      }
      // Below 100 % a call may reach the old revision, which need not know what this version checks.
      const which = percent === 100 ? 'live' : 'candidate';
      print(
        `The ${which === 'live' ? 'functions at their own URLs' : 'candidates'}, with ${percent} % of the traffic:`,
      );
      await smoke(release, services, which);
    }
  } catch (error) {
    print(`This release failed (${messageOf(error)}). The traffic goes back.`);
    await moveBack(release, services);
    throw error;
  }
};
