import type { Api } from '../../functions/manifest.ts';
import { type ClientOptions, createClient, requestOf } from '../../shared/client.ts';

/** Where one function answers, and what its callers send. */
export interface Target extends ClientOptions {
  readonly url: string;
}

/** Long enough for a cold start and a whole refresh. */
const TIMEOUT_MS = 40_000;

export const clientAt = ({ url, ...options }: Target) => createClient<Api>(url, { timeoutMs: TIMEOUT_MS, ...options });

/** A request to what is no route, or whose answer is a stream. */
export const requestTo = ({ url, ...options }: Target, key: string): Request =>
  requestOf(url, key, {}, { timeoutMs: TIMEOUT_MS, ...options });

interface Received {
  readonly status: number;
  readonly url: string;
  readonly text: string;
}

/** The answer, when it has a status that is wanted. @throws Error that says what came instead */
export const expectStatus = <R extends Received, Status extends number>(
  answer: R,
  ...wanted: readonly Status[]
): R & { readonly status: Status } => {
  const isWanted = (each: R): each is R & { readonly status: Status } => wanted.some((one) => one === each.status);
  if (isWanted(answer)) return answer;
  throw new Error(`${answer.url} answered ${answer.status}, not ${wanted.join(' or ')}: ${answer.text.slice(0, 300)}`);
};
