import type { RedisSettings } from '../config/config.ts';
import { isCredentialRefused } from './errors.ts';
import { readSecrets } from './secrets.ts';

/** What a dial needs beside the address: the password of AUTH and the certificates to trust (PEM, one or more). */
export interface Credentials {
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly ca: string | undefined;
}

/** Secrets that Redis refused are fetched again at most this often, however many callers there are. */
const FETCH_AGAIN_MS = 1_000;

export type CredentialSource = ReturnType<typeof createCredentials>;

/** The credentials of the settings. What is a secret is read from Secret Manager once, and kept for the next dials. */
export const createCredentials = (settings: RedisSettings, now: () => number = Date.now) => {
  const { username, password, ca, passwordSecret, caSecret } = settings;
  let fetched: Promise<Credentials> | undefined;
  let fetchedAt = 0;

  const fetch = async (): Promise<Credentials> => {
    try {
      const [secretPassword = password, secretCa = ca] = await readSecrets(passwordSecret, caSecret);
      return { username, password: secretPassword, ca: secretCa };
    } catch (error) {
      fetched = undefined;
      throw error;
    }
  };

  /** @throws SecretError */
  const read = (): Promise<Credentials> => {
    if (fetched === undefined) {
      fetched = fetch();
      fetchedAt = now();
    }
    return fetched;
  };

  /** Whether fetching again can bring others: they are secrets, and were not read just now. */
  const canChange = (): boolean => (passwordSecret ?? caSecret) !== undefined && now() - fetchedAt >= FETCH_AGAIN_MS;

  /**
   * Dials with the credentials; when Redis refuses them, fetches them again and dials once more. So a rotated password
   * is taken up by the dial that meets it, within the request that needed the dial.
   */
  const dialWith = async <T>(dial: (credentials: Credentials) => Promise<T>): Promise<T> => {
    try {
      return await dial(await read());
    } catch (error) {
      if (!isCredentialRefused(error) || !canChange()) throw error;
      fetched = undefined;
      return dial(await read());
    }
  };
  return { read, dialWith };
};
