import { randomUUID } from 'node:crypto';
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { serveHttp } from '../local/free-port.ts';

/** The server of one revision. */
export interface Running {
  readonly url: string;
  readonly stop: () => Promise<unknown>;
}

/** Names the revision that sent a response. */
export const REVISION_HEADER = 'x-rehearsal-revision';

const forward = (revision: string, { url }: Running, incoming: IncomingMessage, response: ServerResponse): void => {
  // Google's front end adds the client's address, and removes the token's signature.
  const addresses = [incoming.headers['x-forwarded-for'], incoming.socket.remoteAddress].flat().filter(Boolean);
  const authorization = incoming.headers.authorization?.replace(/[^.]+$/, 'SIGNATURE_REMOVED_BY_GOOGLE');
  const headers = {
    ...incoming.headers,
    'x-forwarded-for': addresses.join(', '),
    ...(authorization && { authorization }),
  };
  const outgoing = request(new URL(incoming.url ?? '/', url), { method: incoming.method ?? 'GET', headers });
  outgoing.on('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, { ...answer.headers, [REVISION_HEADER]: revision });
    answer.pipe(response);
  });
  outgoing.on('error', () => (response.headersSent ? response.destroy() : response.writeHead(502).end()));
  response.on('close', () => outgoing.destroy());
  incoming.pipe(outgoing);
};

/** A Cloud Run service on this machine: revisions, their shares of the traffic, and a URL for each tag. */
export const createService = async (name: string, isPrivate: boolean, first: Running) => {
  const revisions = new Map<string, Running>();
  const tags = new Map<string, Running & { readonly revision: string }>();
  const tokens = new Set<string>();
  let shares = new Map<string, number>();
  let created = 0;
  let requests = 0;

  const add = (running: Running): string => {
    created += 1;
    const revision = `${name}-${String(created).padStart(5, '0')}`;
    revisions.set(revision, running);
    return revision;
  };
  shares.set(add(first), 100);

  /** Spreads the requests evenly: 10 % is about every tenth request, not the first ten of a hundred. */
  const choose = (): string => {
    requests += 1;
    let at = (requests * 37) % 100;
    for (const [revision, percent] of shares) {
      at -= percent;
      if (at < 0) return revision;
    }
    throw new Error(`The shares of ${name} do not add up to 100.`);
  };

  const serve = (pick: () => string) => (incoming: IncomingMessage, response: ServerResponse) => {
    const token = incoming.headers.authorization?.replace('Bearer ', '');
    if (isPrivate && !tokens.has(token ?? '')) {
      response.writeHead(token === undefined ? 403 : 401, { 'content-type': 'text/html' }).end('refused by Google');
      return;
    }
    const revision = pick();
    const running = revisions.get(revision);
    if (running === undefined) response.writeHead(503).end();
    else forward(revision, running, incoming, response);
  };

  const front = await serveHttp(serve(choose));
  return {
    url: front.url,
    /** A made-up identity token. A private service accepts only the tokens issued here. */
    issueToken: (): string => {
      const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
      const token = `${part({ alg: 'RS256' })}.${part({ aud: front.url, sub: '1' })}.${randomUUID()}`;
      tokens.add(token);
      return token;
    },
    shares: (): ReadonlyMap<string, number> => shares,
    /** Adds a revision without traffic, at the tag's URL. */
    deploy: async (running: Running, tag: string): Promise<string> => {
      const revision = add(running);
      await tags.get(tag)?.stop();
      // A different host from the service's own, so that a planted fault can tell live traffic from the tag's.
      tags.set(tag, {
        revision,
        ...(await serveHttp(
          serve(() => revision),
          0,
          'localhost',
        )),
      });
      return revision;
    },
    /** The rest of 100 % stays with the other revision that has traffic, of which a release has at most one. */
    updateTraffic: (given: ReadonlyMap<string, number>): void => {
      for (const revision of given.keys()) {
        if (!revisions.has(revision)) throw new Error(`${name} has no revision ${revision}.`);
      }
      const rest = [...given.values()].reduce((left, percent) => left - percent, 100);
      const other = [...shares.keys()].find((revision) => !given.has(revision));
      shares = new Map(given);
      if (other !== undefined && rest > 0) shares.set(other, rest);
    },
    /** The service as `gcloud run services list --format=json` prints it. */
    describe: () => ({
      metadata: { name },
      status: {
        url: front.url,
        traffic: [
          ...[...shares].map(([revisionName, percent]) => ({ revisionName, percent })),
          ...[...tags].map(([tag, { revision, url }]) => ({ revisionName: revision, tag, url })),
        ],
      },
    }),
    stop: async (): Promise<void> => {
      await Promise.all([front, ...tags.values(), ...revisions.values()].map(({ stop }) => stop()));
    },
  };
};

export type Service = Awaited<ReturnType<typeof createService>>;
