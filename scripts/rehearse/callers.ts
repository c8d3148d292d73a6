import { setTimeout as pause } from 'node:timers/promises';
import { REVISION_HEADER, type Service } from './cloud-run.ts';

/** A few calls a second of each function: less than what the limiter allows one client. */
const PAUSE_MS = 150;

/** What the callers of one function saw. */
export interface Seen {
  readonly calls: number;
  readonly failed: number;
  /** Answers by the revision that gave them. */
  readonly revisions: ReadonlyMap<string, number>;
}

/** Calls every function at its own URL until it is stopped, as its users do while a release goes on. */
export const startCallers = (services: ReadonlyMap<string, Service>) => {
  const stopping = new AbortController();

  const callUntilStopped = async ({ url, issueToken }: Service): Promise<Seen> => {
    const headers = { authorization: `Bearer ${issueToken()}` };
    const revisions = new Map<string, number>();
    let calls = 0;
    let failed = 0;
    while (!stopping.signal.aborted) {
      calls += 1;
      try {
        const answer = await fetch(`${url}/ready`, { headers });
        const revision = answer.headers.get(REVISION_HEADER) ?? 'none';
        revisions.set(revision, (revisions.get(revision) ?? 0) + 1);
        if (!answer.ok) failed += 1;
        await answer.arrayBuffer();
      } catch {
        failed += 1;
      }
      await pause(PAUSE_MS);
    }
    return { calls, failed, revisions };
  };

  const seen = [...services].map(async ([name, service]) => [name, await callUntilStopped(service)] as const);
  return async (): Promise<ReadonlyMap<string, Seen>> => {
    stopping.abort();
    return new Map(await Promise.all(seen));
  };
};
