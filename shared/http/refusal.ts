import type { IncomingMessage } from 'node:http';
import { config } from '../config/config.ts';
import { log, type RequestTrace } from '../log.ts';
import { Problem } from '../problems/problem.ts';
import { prefersHtml } from './accept.ts';
import { type Answer, okPage, problemAnswer } from './answer.ts';

const INTERNAL = 'The fault is on this side and has been noted. Quote the request_id when you report it.';

/** For the developer at the machine on which it was thrown. */
const inFull = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));

/** The problem that stands for whatever a handler threw, logged where a person should know of it. */
const problemOf = (error: unknown, trace: RequestTrace): Problem => {
  if (!(error instanceof Problem)) {
    log.error(error, {}, trace);
    return new Problem('internal', config().isDevelopment ? inFull(error) : INTERNAL);
  }
  if (error.status >= 500) log.warn(error.message, { code: error.code, causes: log.causesOf(error) }, trace);
  return error;
};

const pageOf = async (problem: Problem, method: string | undefined, requestId: string): Promise<Answer> => {
  const { renderProblem } = await import('../problems/problem-page.ts');
  // A browser would ask before it sends anything else than a GET once more.
  const retry = method === 'GET' ? problem.headers['retry-after'] : undefined;
  const page = okPage(renderProblem(problem, requestId, retry));
  return { ...page, status: problem.status, headers: { ...page.headers, ...problem.headers } };
};

/** The answer to a request that failed: a problem, as a page for a client that prefers HTML. */
export const refusalOf = (
  error: unknown,
  { headers: { accept }, method }: IncomingMessage,
  trace: RequestTrace,
): Promise<Answer> | Answer => {
  const problem = problemOf(error, trace);
  const isPage = accept !== undefined && prefersHtml(accept);
  return isPage ? pageOf(problem, method, trace.requestId) : problemAnswer(problem, trace.requestId);
};
