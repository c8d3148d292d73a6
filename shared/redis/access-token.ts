import * as z from 'zod';

/** The metadata server is on the same machine and answers within milliseconds. */
const TIMEOUT_MS = 500;
const PATH = '/computeMetadata/v1/instance/service-accounts/default/token';

const answer = z.object({ access_token: z.string().min(1), expires_in: z.number().positive() });

/** No access token could be fetched. The message names the metadata server and holds nothing that it answered. */
export class AccessTokenError extends Error {
  override name = 'AccessTokenError';
}

/**
 * An access token of the function's own account. Source: Google Cloud's "Access tokens from the metadata server".
 * @throws AccessTokenError when the server refuses, is silent for half a second, or answers something else
 */
export const fetchAccessToken = async (metadataHost: string) => {
  const fail = (what: string, cause?: unknown) =>
    new AccessTokenError(`The metadata server ${metadataHost} ${what}`, { cause });
  const headers = { 'metadata-flavor': 'Google' };
  const request = { headers, signal: AbortSignal.timeout(TIMEOUT_MS) };
  const response = await fetch(`http://${metadataHost}${PATH}`, request).catch((error) => {
    throw fail('does not answer', error);
  });
  if (!response.ok) throw fail(`answered ${response.status} when asked for an access token`);
  const { success, data } = answer.safeParse(await response.json().catch(() => undefined));
  if (!success) throw fail('answered something that is no access token');
  return { text: data.access_token, lifetimeMs: data.expires_in * 1_000 };
};
