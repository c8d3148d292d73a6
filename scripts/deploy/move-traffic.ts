import * as z from 'zod';
import { manifest } from '../../functions/manifest.ts';
import { messageOf } from '../local/message-of.ts';
import { runSmoke } from '../smoke/run-smoke.ts';
import type { Target } from '../smoke/smoke-checks.ts';
import { CANDIDATE, type Gcloud } from './gcloud.ts';

/** The part of `gcloud run services list --format=json` that a release needs. */
const services = z.array(
  z.object({
    metadata: z.object({ name: z.string() }),
    status: z.object({
      url: z.url(),
      traffic: z.array(
        z.object({
          revisionName: z.string(),
          percent: z.number().default(0),
          tag: z.string().optional(),
          url: z.url().optional(),
        }),
      ),
    }),
  }),
);

/** The percentage of the traffic that each revision gets. */
type Shares = Readonly<Record<string, number>>;

export const listArguments = (flags: readonly string[]) => ['run', 'services', 'list', '--format=json', ...flags];

export const tokenArguments = (audience: string) => ['auth', 'print-identity-token', `--audiences=${audience}`];

export const trafficArguments = ({ name }: { name: string }, shares: Shares, flags: readonly string[]) => {
  const pairs = Object.entries(shares).map(([revision, percent]) => `${revision}=${percent}`);
  return ['run', 'services', 'update-traffic', name, `--to-revisions=${pairs.join(',')}`, ...flags];
};

/** Every function of the manifest as it is deployed now. @throws Error when one has no candidate */
const readServices = async (gcloud: Gcloud, flags: readonly string[]) => {
  const listed = services.parse(JSON.parse(await gcloud(...listArguments(flags))));
  return manifest.map(({ name, access }) => {
    const status = listed.find(({ metadata }) => metadata.name === name)?.status;
    const tagged = status?.traffic.find(({ tag }) => tag === CANDIDATE);
    if (status === undefined || tagged?.url === undefined) {
      throw new Error(`${name} has no revision tagged ${CANDIDATE}: deploy it first`);
    }
    // A revision has one entry for its share of the traffic and another for its tag.
    const serving: Record<string, number> = {};
    for (const { revisionName, percent } of status.traffic) {
      if (percent > 0) serving[revisionName] = (serving[revisionName] ?? 0) + percent;
    }
    const candidate = { revision: tagged.revisionName, url: tagged.url };
    return { name, url: status.url, isPrivate: access === 'private', serving, candidate };
  });
};

type Service = Awaited<ReturnType<typeof readServices>>[number];

interface Release {
  readonly gcloud: Gcloud;
  /** `--project=…` and `--region=…`. */
  readonly flags: readonly string[];
  /** The candidates' share of the traffic in percent, step by step; the last is 100. */
  readonly steps: readonly number[];
  readonly print: (line: string) => void;
  /** The load balancer, when it is the only way in: it selects the function and the revision by a header. */
  readonly origin?: string | undefined;
}

/** @throws Error when a check fails */
const smoke = async ({ gcloud, origin, print }: Release, all: readonly Service[], which: 'candidate' | 'live') => {
  const functions = new Map<string, Target>();
  for (const { name, url, isPrivate, candidate } of all) {
    const direct = { url: which === 'candidate' ? candidate.url : url };
    functions.set(name, {
      ...(origin === undefined ? direct : { url: origin, headers: { 'x-revision': `${name}/${which}` } }),
      // The audience is the function's own URL, even at the URL of a tag.
      ...(isPrivate && { token: (await gcloud(...tokenArguments(url))).trim() }),
    });
  }
  const failed = await runSmoke(functions, (line) => line.startsWith('ok ') || print(line));
  if (failed > 0) throw new Error(`${failed} checks failed`);
  print('ok        every check of the smoke test');
};

/** Gives the traffic back to the revisions that had it. A failure for one function does not stop the others. */
const moveBack = async ({ gcloud, flags, print }: Release, all: readonly Service[]): Promise<void> => {
  for (const service of all.toReversed()) {
    const command = trafficArguments(service, service.serving, flags);
    try {
      await gcloud(...command);
      print(`back      ${service.name} to ${Object.keys(service.serving).join(', ')}`);
    } catch (error) {
      print(`STUCK     ${service.name}: ${messageOf(error)}\n          Run: gcloud ${command.join(' ')}`);
    }
  }
};

/**
 * Tests the candidates at their tag URLs, then gives them the traffic function by function, and tests them after each
 * step. After any failure, the previous revisions get the traffic back.
 * @throws Error that says what failed; the traffic is then as it was before, except where STUCK was printed
 */
export const moveTraffic = async (release: Release): Promise<void> => {
  const { gcloud, flags, steps, print } = release;
  const all = await readServices(gcloud, flags);
  print('Testing the candidates, without traffic:');
  await smoke(release, all, 'candidate');
  try {
    for (const percent of steps) {
      for (const service of all) {
        const { revision } = service.candidate;
        await gcloud(...trafficArguments(service, { [revision]: percent }, flags));
        print(`moved     ${percent} % of ${service.name} to ${revision}`);
      }
      // Below 100 % a request may reach the old revision, which need not pass the checks of this version.
      const which = percent === 100 ? 'live' : 'candidate';
      print(`Testing the ${which === 'live' ? 'functions' : 'candidates'}, with ${percent} % of the traffic:`);
      await smoke(release, all, which);
    }
  } catch (error) {
    print(`The release failed (${messageOf(error)}). Moving the traffic back.`);
    await moveBack(release, all);
    throw error;
  }
};
