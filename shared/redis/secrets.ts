import * as z from 'zod';
import { withDeadline } from '../timing.ts';

/** A first call takes a fifth of a second, most of it for loading the client, and several times that on a busy start. */
const SECRET_TIMEOUT_MS = 5_000;

const answer = z.object({ payload: z.object({ data: z.union([z.instanceof(Uint8Array), z.string()]) }) });

/** Loaded only if a secret is configured: the package loads gRPC and doubles the cold start. */
const createManager = async () => {
  const { SecretManagerServiceClient } = await import('@google-cloud/secret-manager');
  return new SecretManagerServiceClient({ fallback: true });
};

/** Reads secrets with one client of Secret Manager, loaded for the first of them. */
export const createSecretReader = () => {
  let manager: ReturnType<typeof createManager> | undefined;

  const access = async (name: string): Promise<string> => {
    manager ??= createManager().catch((error) => {
      manager = undefined;
      throw error;
    });
    const version = name.includes('/versions/') ? name : `${name}/versions/latest`;
    const [reply] = await (await manager).accessSecretVersion({ name: version });
    const { data } = answer.parse(reply).payload;
    return (typeof data === 'string' ? data : Buffer.from(data).toString()).trim();
  };

  /**
   * The text of a secret `projects/P/secrets/NAME`: the latest version unless the name ends with `/versions/V`.
   * @throws SecretError if Secret Manager refuses, is silent for 5 seconds, or answers something else
   */
  return async (name: string): Promise<string> => {
    try {
      return await withDeadline(access(name), SECRET_TIMEOUT_MS, 'Secret Manager');
    } catch (cause) {
      throw new SecretError(`The secret ${name} cannot be read`, { cause });
    }
  };
};

/** A secret for Redis cannot be read. */
export class SecretError extends Error {
  override name = 'SecretError';
}
