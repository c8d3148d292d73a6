import * as z from 'zod';
import { withDeadline } from '../deadline.ts';

/** A first call takes a fifth of a second, most of it for loading the client; several times that on a busy start. */
const SECRET_TIMEOUT_MS = 5_000;

const answer = z.object({ payload: z.object({ data: z.union([z.instanceof(Uint8Array), z.string()]) }) });

/** Loaded only when a secret is configured: the package brings gRPC, and doubles the time of a cold start. */
const createReader = async () => {
  const { SecretManagerServiceClient } = await import('@google-cloud/secret-manager');
  return new SecretManagerServiceClient({ fallback: true });
};

const access = async (reader: ReturnType<typeof createReader>, name: string): Promise<string> => {
  const version = name.includes('/versions/') ? name : `${name}/versions/latest`;
  const [reply] = await (await reader).accessSecretVersion({ name: version });
  const { data } = answer.parse(reply).payload;
  return (typeof data === 'string' ? data : Buffer.from(data).toString()).trim();
};

/**
 * The texts of secrets, `projects/P/secrets/NAME`, each of its latest version unless one is named. Without any name
 * nothing is loaded.
 * @throws SecretError when Secret Manager refuses, is silent for 5 seconds, or answers something else
 */
export const readSecrets = async (...names: readonly (string | undefined)[]): Promise<(string | undefined)[]> => {
  if (names.every((name) => name === undefined)) return [];
  const reader = createReader();
  const read = async (name: string | undefined) => {
    if (name === undefined) return undefined;
    try {
      return await withDeadline(access(reader, name), SECRET_TIMEOUT_MS, 'Secret Manager');
    } catch (cause) {
      throw new SecretError(`The secret ${name} cannot be read`, { cause });
    }
  };
  return Promise.all(names.map(read));
};

/** What Redis needs from Secret Manager cannot be read. */
export class SecretError extends Error {
  override name = 'SecretError';
}
