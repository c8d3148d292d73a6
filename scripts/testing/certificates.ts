// @peculiar/x509 registers its parts by decorators and expects this to be loaded first.
import 'reflect-metadata';
import { isIP } from 'node:net';
import {
  BasicConstraintsExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

export interface ServerCertificate {
  /** PEM. */
  readonly certificate: string;
  /** PEM. */
  readonly key: string;
}

interface Names {
  readonly commonName: string;
  /** Host names and IP addresses; none at all, as in Memorystore's certificates, unless given. */
  readonly alternativeNames?: readonly string[];
  readonly notAfter?: Date;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const notBefore = new Date('2020-01-01T00:00:00Z');
const inTenYears = () => new Date(Date.now() + 3_650 * 86_400_000);

const newKeys = () => crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);

/** Ends with a line break, so that two in a row are still two. */
const pem = (certificate: X509Certificate): string => `${certificate.toString('pem')}\n`;

const alternatives = (names: readonly string[]) =>
  new SubjectAlternativeNameExtension(
    names.map((value) => ({ type: isIP(value) === 0 ? ('dns' as const) : ('ip' as const), value })),
  );

/** A certificate authority for tests. Two of them need two names, or a client cannot tell whose signature it sees. */
export const createAuthority = async (name: string) => {
  const keys = await newKeys();
  const issuer = `CN=${name}`;
  const authority = await X509CertificateGenerator.createSelfSigned({
    name: issuer,
    notBefore,
    notAfter: inTenYears(),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [new BasicConstraintsExtension(true, undefined, true)],
  });
  return {
    /** What a client must trust, in PEM. */
    certificate: pem(authority),
    /** A server's certificate and its key. */
    issue: async ({
      commonName,
      alternativeNames = [],
      notAfter = inTenYears(),
    }: Names): Promise<ServerCertificate> => {
      const own = await newKeys();
      const certificate = await X509CertificateGenerator.create({
        subject: `CN=${commonName}`,
        issuer,
        notBefore,
        notAfter,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: ALGORITHM,
        extensions: alternativeNames.length === 0 ? [] : [alternatives(alternativeNames)],
      });
      const key = await crypto.subtle.exportKey('pkcs8', own.privateKey);
      return { certificate: pem(certificate), key: PemConverter.encode(key, 'PRIVATE KEY') };
    },
  };
};
