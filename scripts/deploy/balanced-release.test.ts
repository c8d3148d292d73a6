import { expect, it } from 'vitest';
import { manifest } from '../../functions/manifest.ts';
import { serveHttp } from '../local/free-port.ts';
import { moveTraffic } from './move-traffic.ts';

it('tests each candidate through the load balancer, with a token for the function’s own URL', async () => {
  const requests = new Set<string>();
  const { url: origin, stop } = await serveHttp((request, response) => {
    requests.add(`${request.headers['x-revision']} ${request.headers.authorization ?? 'anonymous'}`);
    response.writeHead(500).end();
  });
  const services = manifest.map(({ name }) => ({
    metadata: { name },
    status: {
      url: `https://${name}.example`,
      traffic: [
        { revisionName: `${name}-1`, percent: 100 },
        { revisionName: `${name}-2`, tag: 'candidate', url: `https://candidate.${name}.example` },
      ],
    },
  }));
  const gcloud = async (...args: readonly string[]) =>
    args.includes('print-identity-token') ? `token ${args.at(-1)}` : JSON.stringify(services);

  const release = moveTraffic({ gcloud, flags: [], steps: [100], print: () => {}, origin });
  await expect(release).rejects.toThrow('failed');
  await stop();

  for (const { name, access } of manifest) {
    const token = access === 'private' ? `Bearer token --audiences=https://${name}.example` : 'anonymous';
    expect(requests).toContain(`${name}/candidate ${token}`);
  }
  expect([...requests].filter((one) => !one.includes('/candidate '))).toEqual([]);
});
