import { existsSync } from 'node:fs';

/** Reads the settings of a file `.env` (ENV_FILE names another). What the environment has already, stays. */
export const readEnvFile = (file = process.env.ENV_FILE ?? '.env'): void => {
  if (existsSync(file)) process.loadEnvFile(file);
};
