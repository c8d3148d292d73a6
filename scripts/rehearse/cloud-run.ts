import { randomUUID } from 'node:crypto';
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { serveHttp } from '../local/free-port.ts';

/** A process that serves one revision. */
export interface Running {
  readonly url: string;
  readonly stop: () => Promise<unknown>;
}

/** Says which revision gave an answer. */
export const REVISION_HEADER = 'x-rehearsal-revision';

const forward = (revision: string, { url }: Running, incoming: IncomingMessage, answer: ServerResponse): void => {
  // Google's front end adds the caller's address, and takes the signature out of the token.
  const seen = [incoming.headers['x-forwarded-for'], incoming.socket.remoteAddress].flat().filter(Boolean).join(', ');
  const authorization = incoming.headers.authorization?.replace(/[^.]+$/, 'SIGNATURE_REMOVED_BY_GOOGLE');
  const headers = { ...incoming.headers, 'x-forwarded-for': seen, ...(authorization && { authorization }) };
  const outgoing = request(new URL(incoming.url ?? '/', url), { method: incoming.method ?? 'GET', headers });
  outgoing.on('response', (response) => {
    answer.writeHead(response.statusCode ?? 502, { ...response.headers, [REVISION_HEADER]: revision });
    response.pipe(answer);
  });
  outgoing.on('error', () => (answer.headersSent ? answer.destroy() : answer.writeHead(502).end()));
  answer.on('close', () => outgoing.destroy());
  incoming.pipe(outgoing);
};

/** Scales what `given` leaves over to the revisions that have traffic and are not in it, as gcloud does. */
export const withShares = (shares: ReadonlyMap<string, number>, given: ReadonlyMap<string, number>) => {
  const sum = (list: Iterable<number>) => [...list].reduce((total, percent) => total + percent, 0);
  const others = [...shares].filter(([revision, percent]) => percent > 0 && !given.has(revision));
  const before = sum(others.map(([, percent]) => percent));
  let left = 100 - sum(given.values());
  const scaled = others.map(([revision, percent], at): [string, number] => {
    const share = at === others.length - 1 ? left : Math.round((percent * (100 - sum(given.values()))) / before);
    left -= share;
    return [revision, share];
  });
  return new Map([...given, ...scaled].filter(([, percent]) => percent > 0));
};

/** One service of Cloud Run on this machine: revisions, the shares of its traffic, and a URL for each tag. */
export const createService = async (name: string, isPrivate: boolean, first: Running) => {
  const revisions = new Map<string, Running>();
  const tags = new Map<string, Running & { readonly revision: string }>();
  const tokens = new Set<string>();
  let shares = new Map<string, number>();
  let made = 0;
  let calls = 0;

  const add = (running: Running): string => {
    made += 1;
    const revision = `${name}-${String(made).padStart(5, '0')}`;
    revisions.set(revision, running);
    return revision;
  };
  shares.set(add(first), 100);

  /** Spreads the calls evenly, so that 10 % is every tenth call and not the first ten of a hundred. */
  const choose = (): string => {
    calls += 1;
    let at = (calls * 37) % 100;
    for (const [revision, percent] of shares) {
      at -= percent;
      if (at < 0) return revision;
    }
    throw new Error(`the shares of ${name} do not add up to 100`);
  };

  const serve = (pick: () => string) => (incoming: IncomingMessage, answer: ServerResponse) => {
    const token = incoming.headers.authorization?.replace('Bearer ', '');
    if (isPrivate && !tokens.has(token ?? '')) {
      answer.writeHead(token === undefined ? 403 : 401, { 'content-type': 'text/html' }).end('refused by Google');
      return;
    }
    const revision = pick();
    const running = revisions.get(revision);
    if (running === undefined) answer.writeHead(503).end();
    else forward(revision, running, incoming, answer);
  };

  const front = await serveHttp(serve(choose));
  return {
    url: front.url,
    /** A made-up token of someone who may call this service; `authorization` takes it, and no other. */
    issueToken: (): string => {
      const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
      const token = `${part({ alg: 'RS256' })}.${part({ aud: front.url, sub: '1' })}.${randomUUID()}`;
      tokens.add(token);
      return token;
    },
    shares: (): ReadonlyMap<string, number> => shares,
    /** A revision without traffic, at a URL of its own. Those that have neither traffic nor a tag end. */
    deploy: async (running: Running, tag: string): Promise<string> => {
      const revision = add(running);
      await tags.get(tag)?.stop();
      // Another host than the service's: a planted fault can tell a call at the tag from one of the traffic.
      const pick = () => revision;
      tags.set(tag, { revision, ...(await serveHttp(serve(pick), 0, 'localhost')) });
      const used = new Set([...shares.keys(), ...[...tags.values()].map((it) => it.revision)]);
      for (const [old, { stop }] of revisions) {
        if (used.has(old)) continue;
        revisions.delete(old);
        await stop();
      }
      return revision;
    },
    updateTraffic: (given: ReadonlyMap<string, number>): void => {
      for (const revision of given.keys()) {
        if (!revisions.has(revision)) throw new Error(`${name} has no revision ${revision}`);
      }
      shares = withShares(shares, given);
    },
    /** As `gcloud run services list --format=json` prints it. */
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
