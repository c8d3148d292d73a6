import type { RedisSettings } from '../config/config.ts';
import { log } from '../log.ts';
import { fetchAccessToken } from './access-token.ts';
import { isCredentialRefused } from './errors.ts';
import { createSecretReader } from './secrets.ts';

/** What a dial needs beside the address: the password of AUTH and the certificates to trust (PEM, one or more). */
export interface Credentials {
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly ca: string | undefined;
}

/** Secrets that Redis refused are fetched again at most this often, however many callers there are. */
const FETCH_AGAIN_MS = 1_000;

/** A token that ends sooner is not used for a new dial. */
const TOKEN_MARGIN_MS = 30_000;

export type CredentialSource = ReturnType<typeof createCredentials>;

/**
 * The credentials of the settings. What is a secret is read from Secret Manager once, and kept for the next dials. With
 * REDIS_IAM the password is an access token, kept until shortly before it ends. Memorystore checks it when a connection
 * logs in; an open connection stays logged in when its token ends (Google's "About IAM authentication").
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

  /** Reads again whatever was read before. @throws SecretError, AccessTokenError */
  const reread = (): Promise<Credentials> => {
    fetched = undefined;
    return read();
  };

  /** Redis refused what was read: the next dial fetches again, if that can bring other credentials. */
  const refuse = (): void => {
    const isOldSecret = (passwordSecret ?? caSecret) !== undefined && now() - fetchedAt >= FETCH_AGAIN_MS;
    if (iam || isOldSecret) fetched = undefined;
  };

  /**
   * Dials with the credentials; when Redis refuses them, fetches them again and dials once more. So a rotated password
   * is taken up by the dial that meets it, within the request that needed the dial.
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
