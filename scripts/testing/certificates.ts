import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIPv4 } from 'node:net';

/* Just enough of X.509 (RFC 5280) in DER for tests with TLS: no tool and no package is needed on the machine. */

const der = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts);
  const size = body.length;
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
};

const sequence = (...parts: readonly Uint8Array[]) => der(0x30, ...parts);
const octets = (part: Uint8Array) => der(0x04, part);
const bits = (part: Uint8Array) => der(0x03, Buffer.from([0]), part);
/** An object identifier, given as its encoded bytes in hexadecimal. */
const oid = (hex: string) => der(0x06, Buffer.from(hex, 'hex'));
const TRUE = der(0x01, Buffer.from([0xff]));

const COMMON_NAME = oid('550403');
const BASIC_CONSTRAINTS = oid('551d13');
const ALTERNATIVE_NAMES = oid('551d11');
const ECDSA_WITH_SHA256 = sequence(oid('2a8648ce3d040302'));

const distinguishedName = (commonName: string) =>
  sequence(der(0x31, sequence(COMMON_NAME, der(0x0c, Buffer.from(commonName)))));

const generalizedTime = (date: Date) => der(0x18, Buffer.from(`${date.toISOString().replace(/[-:T]|\..*/g, '')}Z`));

const alternativeName = (name: string) =>
  isIPv4(name) ? der(0x87, Buffer.from(name.split('.').map(Number))) : der(0x82, Buffer.from(name));

interface Request {
  readonly commonName: string;
  readonly issuer: string;
  readonly signingKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly extensions: readonly Buffer[];
  readonly notAfter: Date;
}

const certify = ({ commonName, issuer, signingKey, publicKey, extensions, notAfter }: Request): string => {
  const serial = Buffer.concat([Buffer.from([1]), randomBytes(15)]);
  const toBeSigned = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, serial),
    ECDSA_WITH_SHA256,
    distinguishedName(issuer),
    sequence(generalizedTime(new Date('2020-01-01T00:00:00Z')), generalizedTime(notAfter)),
    distinguishedName(commonName),
    publicKey.export({ type: 'spki', format: 'der' }),
    ...(extensions.length === 0 ? [] : [der(0xa3, sequence(...extensions))]),
  );
  const certificate = sequence(toBeSigned, ECDSA_WITH_SHA256, bits(sign('sha256', toBeSigned, signingKey)));
  const lines = certificate.toString('base64').replace(/.{1,64}/g, '$&\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}-----END CERTIFICATE-----\n`;
};

const newKeys = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const inTenYears = () => new Date(Date.now() + 3_650 * 86_400_000);

export interface ServerCertificate {
  /** PEM. */
  readonly certificate: string;
  /** PEM. */
  readonly key: string;
}

interface Names {
  readonly commonName: string;
  /** Host names and IPv4 addresses; none at all, as in Memorystore's certificates, unless given. */
  readonly alternativeNames?: readonly string[];
  readonly notAfter?: Date;
}

/** A certificate authority for tests. Two of them need two names, or a client cannot tell whose signature it sees. */
export const createAuthority = (name: string) => {
  const { privateKey, publicKey } = newKeys();
  const isAuthority = sequence(BASIC_CONSTRAINTS, TRUE, octets(sequence(TRUE)));
  return {
    /** What a client must trust, in PEM. */
    certificate: certify({
      commonName: name,
      issuer: name,
      signingKey: privateKey,
      publicKey,
      extensions: [isAuthority],
      notAfter: inTenYears(),
    }),
    /** A server's certificate and its key. */
    issue: ({ commonName, alternativeNames = [], notAfter = inTenYears() }: Names): ServerCertificate => {
      const keys = newKeys();
      const names = sequence(ALTERNATIVE_NAMES, octets(sequence(...alternativeNames.map(alternativeName))));
      const extensions = alternativeNames.length === 0 ? [] : [names];
      const request = { commonName, issuer: name, signingKey: privateKey, publicKey: keys.publicKey };
      return {
        certificate: certify({ ...request, extensions, notAfter }),
        key: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      };
    },
  };
};
