// @peculiar/x509 registers its parts through decorators, so this must load first.
import 'reflect-metadata';
import { isIP } from 'node:net';
import {
  BasicConstraintsExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';

/** A server's certificate and its key, and the authority to trust, all in PEM. */
export interface ServerCertificate {
  readonly certificate: string;
  readonly key: string;
  readonly ca: string;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const newKeys = () => crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);

const alternatives = (names: readonly string[]) =>
  new SubjectAlternativeNameExtension(
    names.map((value) => ({ type: isIP(value) === 0 ? ('dns' as const) : ('ip' as const), value })),
  );

/**
 * Creates a certificate authority for tests.
 * @param name must differ between authorities, or a client cannot tell whose signature it sees
 */
export const createAuthority = async (name: string) => {
  const issuer = `CN=${name}`;
  const keys = await newKeys();
  const common = {
    notBefore: new Date('2020-01-01T00:00:00Z'),
    notAfter: new Date(Date.now() + 3_650 * 86_400_000),
    signingAlgorithm: ALGORITHM,
  };
  const authority = await X509CertificateGenerator.createSelfSigned({
    ...common,
    name: issuer,
    keys,
    extensions: [new BasicConstraintsExtension(true, undefined, true)],
  });
  // Ends with a line break, so that several can be concatenated.
  const ca = `${authority.toString('pem')}\n`;
  return {
    /** What a client must trust, in PEM. */
    certificate: ca,
    /** Issues a certificate for 127.0.0.1. Without alternative names it is like those of Memorystore. */
    issue: async (alternativeNames: readonly string[] = []): Promise<ServerCertificate> => {
      const { publicKey, privateKey } = await newKeys();
      const certificate = await X509CertificateGenerator.create({
        ...common,
        subject: 'CN=127.0.0.1',
        issuer,
        publicKey,
        signingKey: keys.privateKey,
        extensions: alternativeNames.length === 0 ? [] : [alternatives(alternativeNames)],
      });
      const key = await crypto.subtle.exportKey('pkcs8', privateKey);
      return { certificate: certificate.toString('pem'), key: PemConverter.encode(key, 'PRIVATE KEY'), ca };
    },
  };
};
