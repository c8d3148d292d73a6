import { config } from '../config.ts';

/** What a dial needs beside the address: the password of AUTH and the certificates to trust. */
export interface Credentials {
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly ca: string | undefined;
}

/** The credentials that the settings give. */
export const readCredentials = async (): Promise<Credentials> => {
  const { username, password, ca } = config().redis;
  return { username, password, ca };
};
