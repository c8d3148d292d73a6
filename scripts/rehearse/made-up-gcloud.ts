import { parseArgs } from 'node:util';
import * as z from 'zod';
import type { Running, Service } from './cloud-run.ts';

const probe = z.object({ path: z.string(), periodSeconds: z.coerce.number(), failureThreshold: z.coerce.number() });
export type Probe = z.infer<typeof probe>;

/** Builds the source in `folder` and starts the function. @throws Error where Google would refuse it */
export type Deploy = (request: {
  readonly folder: string;
  readonly name: string;
  readonly target: string;
  readonly env: Readonly<Record<string, string>>;
  readonly probe: Probe;
}) => Promise<Running>;

const deployFlags = z.object({
  source: z.literal('.'),
  function: z.string(),
  tag: z.string(),
  'no-traffic': z.literal(true),
  'automatic-updates': z.literal(true),
  'set-env-vars': z.string().startsWith('^;^'),
  'startup-probe': z.string(),
});

/** `A=b;C=d` */
const readPairs = (text: string, delimiter: string): Record<string, string> =>
  Object.fromEntries(
    text
      .split(delimiter)
      .filter((pair) => pair !== '')
      .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  );

/** A gcloud for services on this machine. It has only the four commands that a release uses. */
export const createGcloud = (services: ReadonlyMap<string, Service>, deploy: Deploy) => {
  const find = (name = ''): Service => {
    const service = services.get(name);
    if (service === undefined) throw new Error(`The rehearsal has no service ${name}.`);
    return service;
  };
  return async (args: readonly string[], folder: string): Promise<string> => {
    const { values, positionals } = parseArgs({ args: [...args], strict: false, allowPositionals: true });
    const command = positionals.slice(0, positionals[1] === 'services' ? 3 : 2).join(' ');
    switch (command) {
      case 'run deploy': {
        const [, , name = ''] = positionals;
        const service = find(name);
        const flags = deployFlags.parse(values);
        const running = await deploy({
          folder,
          name,
          target: flags.function,
          env: readPairs(flags['set-env-vars'].slice('^;^'.length), ';'),
          probe: probe.parse(readPairs(flags['startup-probe'].replaceAll('httpGet.', ''), ',')),
        });
        return `revision ${await service.deploy(running, flags.tag)} is deployed and serves 0 percent of traffic\n`;
      }
      case 'run services list':
        return JSON.stringify([...services.values()].map((service) => service.describe()));
      case 'run services update-traffic': {
        const shares = Object.entries(readPairs(z.string().parse(values['to-revisions']), ','));
        find(positionals[3]).updateTraffic(new Map(shares.map(([revision, percent]) => [revision, Number(percent)])));
        return '';
      }
      case 'auth print-identity-token': {
        const service = [...services.values()].find(({ url }) => url === values.audiences);
        if (service === undefined) throw new Error(`No service has the URL ${values.audiences}.`);
        return `${service.issueToken()}\n`;
      }
      default:
        throw new Error(`The rehearsal's gcloud has no command "${command}".`);
    }
  };
};
