import { config } from '../config/config.ts';
import { isCredentialRefused } from './errors.ts';
import { readSecret } from './secrets.ts';

/** What a dial needs beside the address: the password of AUTH and the certificates to trust (PEM, one or more). */
export interface Credentials {
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly ca: string | undefined;
}

/** Secrets that Redis refused are fetched again at most so often, however many instances and callers there are. */
const FETCH_AGAIN_MS = 1_000;

let fetched: Promise<Credentials> | undefined;
let fetchedAt = 0;

const fetch = async (): Promise<Credentials> => {
  const { username, password, ca, passwordSecret, caSecret } = config().redis;
  try {
    const [secretPassword, secretCa] = await Promise.all([
      passwordSecret === undefined ? password : readSecret(passwordSecret),
      caSecret === undefined ? ca : readSecret(caSecret),
    ]);
    return { username, password: secretPassword, ca: secretCa };
  } catch (error) {
    fetched = undefined;
    throw error;
  }
};

/**
 * The credentials of the settings. What is a secret is read from Secret Manager once, and kept for the next dials.
 * @throws SecretError
 */
export const readCredentials = (): Promise<Credentials> => {
  if (fetched === undefined) {
    fetched = fetch();
    fetchedAt = Date.now();
  }
  return fetched;
};

/** Whether asking again can bring others: they are secrets, and were not read just now. */
const canChange = (): boolean => {
  const { passwordSecret, caSecret } = config().redis;
  return (passwordSecret ?? caSecret) !== undefined && Date.now() - fetchedAt >= FETCH_AGAIN_MS;
};

/**
 * Dials with the credentials; when Redis refuses them, fetches them again and dials once more. So a rotated password
 * is taken up by the dial that meets it, within the request that needed the dial.
 */
export const withCredentials = async <T>(dial: (credentials: Credentials) => Promise<T>): Promise<T> => {
  try {
    return await dial(await readCredentials());
  } catch (error) {
    if (!isCredentialRefused(error) || !canChange()) throw error;
    fetched = undefined;
    return dial(await readCredentials());
  }
};
