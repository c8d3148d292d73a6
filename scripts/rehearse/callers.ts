import { setTimeout as pause } from 'node:timers/promises';
import { REVISION_HEADER, type Service } from './cloud-run.ts';

/** A few requests a second per function: fewer than the rate limit allows one client. */
const PAUSE_MS = 150;

/**
 * Calls every function at its own URL, as its users do during a release.
 * @returns a function that stops the callers and returns what they saw
 */
export const startCallers = (services: ReadonlyMap<string, Service>) => {
  let isStopping = false;

  const callUntilStopped = async ([name, { url, issueToken }]: readonly [string, Service]) => {
    const headers = { authorization: `Bearer ${issueToken()}` };
    /** Responses by the revision that sent them. */
    const revisions = new Map<string, number>();
    let calls = 0;
    let failed = 0;
    for (; !isStopping; calls += 1) {
      try {
        const response = await fetch(`${url}/ready`, { headers });
        const revision = response.headers.get(REVISION_HEADER) ?? 'none';
        revisions.set(revision, (revisions.get(revision) ?? 0) + 1);
        if (!response.ok) failed += 1;
        await response.arrayBuffer();
      } catch {
        failed += 1;
      }
      await pause(PAUSE_MS);
    }
    return { name, calls, failed, revisions };
  };

  const seen = Promise.all([...services].map(callUntilStopped));
  return () => {
    isStopping = true;
    return seen;
  };
};
