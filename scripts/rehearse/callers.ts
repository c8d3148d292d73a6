import { setTimeout as pause } from 'node:timers/promises';
import { REVISION_HEADER, type Service } from './cloud-run.ts';

/** A few calls a second of each function: less than what the limiter allows one client. */
const PAUSE_MS = 150;

/**
 * Calls every function at its own URL, as its users do while a release goes on.
 * @returns stops that, and tells what the callers of each saw
 */
export const startCallers = (services: ReadonlyMap<string, Service>) => {
  let isStopping = false;

  const callUntilStopped = async ([name, { url, issueToken }]: readonly [string, Service]) => {
    const headers = { authorization: `Bearer ${issueToken()}` };
    /** Answers by the revision that gave them. */
    const revisions = new Map<string, number>();
    let calls = 0;
    let failed = 0;
    while (!isStopping) {
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
    return { name, calls, failed, revisions };
  };

  const seen = Promise.all([...services].map(callUntilStopped));
  return () => {
    isStopping = true;
    return seen;
  };
};
