import { isIP } from 'node:net';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';

/**
 * Verifies that a certificate is that of `host`. Memorystore is addressed by IP and names the IP as the certificate's
 * common name, which Node, by the rules of browsers, ignores for an IP: so a common name that is this very address
 * counts as well. Everything else is Node's own check.
 */
export const verifyIdentity = (host: string, certificate: PeerCertificate): Error | undefined => {
  const error = checkServerIdentity(host, certificate);
  return error !== undefined && isIP(host) !== 0 && certificate.subject?.CN === host ? undefined : error;
};

const REFUSED =
  /^(CERT_|SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_(VERIFY|GET_ISSUER)|ERR_TLS_CERT_ALTNAME_INVALID)/;

/** The server's certificate is not one of those that are trusted. */
export const isCertificateRefused = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && REFUSED.test(String(error.code));
