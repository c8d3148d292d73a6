import * as z from 'zod';
import type { RedisSettings } from '../config/config.ts';
import { log } from '../log.ts';
import { isCredentialRefused } from './errors.ts';
import { createSecretReader } from './secrets.ts';

/** The metadata server runs on the same host and answers within milliseconds. */
const METADATA_TIMEOUT_MS = 500;
const TOKEN_PATH = '/computeMetadata/v1/instance/service-accounts/default/token';

const tokenAnswer = z.object({ access_token: z.string().min(1), expires_in: z.number().positive() });

/** No access token could be fetched. The message names the metadata server and contains nothing that it answered. */
export class AccessTokenError extends Error {
  override name = 'AccessTokenError';
}

/**
 * Fetches an access token of the function's own account. Source: Google Cloud's "Access tokens from the metadata server".
 * @throws AccessTokenError if the server refuses, is silent for half a second, or answers something else
 */
export const fetchAccessToken = async (metadataHost: string) => {
  const fail = (what: string, cause?: unknown) =>
    new AccessTokenError(`The metadata server ${metadataHost} ${what}`, { cause });
  const request = { headers: { 'metadata-flavor': 'Google' }, signal: AbortSignal.timeout(METADATA_TIMEOUT_MS) };
  const response = await fetch(`http://${metadataHost}${TOKEN_PATH}`, request).catch((error) => {
    throw fail('does not answer', error);
  });
  if (!response.ok) throw fail(`answered ${response.status} when asked for an access token`);
  const { success, data } = tokenAnswer.safeParse(await response.json().catch(() => undefined));
  if (!success) throw fail('answered something that is no access token');
  return { text: data.access_token, lifetimeMs: data.expires_in * 1_000 };
};

/** What a connection needs beside the address: user and password for AUTH, and the certificates to trust (PEM, one or more). */
export interface Credentials {
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly ca: string | undefined;
}

/** The shortest time between two fetches of secrets that Redis refused. */
const FETCH_AGAIN_MS = 1_000;

/** A token with less time left is not used for a new connection. */
const TOKEN_MARGIN_MS = 30_000;

export type CredentialSource = ReturnType<typeof createCredentials>;

/**
 * The credentials from the settings. A secret is read from Secret Manager once and kept for later connections. With
 * REDIS_IAM the password is an access token, kept until shortly before it expires. Memorystore checks it at login only: an
 * open connection outlives its token (Google's "About IAM authentication").
 */
export const createCredentials = (settings: RedisSettings, now: () => number = Date.now) => {
  const { username, password, ca, passwordSecret, caSecret, iam, metadataHost } = settings;
  const readSecret = createSecretReader();
  let fetched: Promise<Credentials> | undefined;
  let fetchedAt = 0;
  let endsAt = Number.POSITIVE_INFINITY;

  const fetch = async (): Promise<Credentials> => {
    try {
      const [secretPassword, secretCa, token] = await Promise.all([
        passwordSecret === undefined ? password : readSecret(passwordSecret),
        caSecret === undefined ? ca : readSecret(caSecret),
        iam ? fetchAccessToken(metadataHost) : undefined,
      ]);
      if (token !== undefined) endsAt = fetchedAt + token.lifetimeMs - TOKEN_MARGIN_MS;
      const fresh = { username: iam ? 'default' : username, password: token?.text ?? secretPassword, ca: secretCa };
      if (fresh.password !== undefined) log.hide(fresh.password);
      return fresh;
    } catch (error) {
      fetched = undefined;
      throw error;
    }
  };

  /** @throws SecretError, AccessTokenError */
  const read = (): Promise<Credentials> => {
    if (fetched === undefined || now() >= endsAt) {
      fetchedAt = now();
      endsAt = Number.POSITIVE_INFINITY;
      fetched = fetch();
    }
    return fetched;
  };

  /** Reads everything again. @throws SecretError, AccessTokenError */
  const reread = (): Promise<Credentials> => {
    fetched = undefined;
    return read();
  };

  /** Redis refused the credentials. The next connection fetches them again, if they can have changed. */
  const refuse = (): void => {
    const isOldSecret = (passwordSecret ?? caSecret) !== undefined && now() - fetchedAt >= FETCH_AGAIN_MS;
    if (iam || isOldSecret) fetched = undefined;
  };

  /**
   * Dials with the credentials. If Redis refuses them, fetches them again and dials once more, so that a rotated password
   * does not fail the request that meets it.
   */
  const dialWith = async <T>(dial: (credentials: Credentials) => Promise<T>): Promise<T> => {
    const given = await read();
    try {
      return await dial(given);
    } catch (error) {
      if (!isCredentialRefused(error)) throw error;
      refuse();
      const fresh = await read();
      if (fresh.password === given.password && fresh.ca === given.ca) throw error;
      return dial(fresh);
    }
  };
  return { read, reread, refuse, dialWith };
};
