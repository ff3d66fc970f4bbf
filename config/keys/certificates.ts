/** Certificates of a cluster of one's own: an authority that signs the server and its clients, and nobody else. */
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type JsonGeneralName,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;

export interface Pem {
  readonly cert: string;
  readonly key: string;
}

export interface Authority extends Pem {
  /** @param names host names and addresses it is reached by; none for a client */
  issue(name: string, names: readonly string[], days: number): Promise<Pem>;
}

/**
 * A new authority; who has its key can let anybody in, so it belongs on no node.
 * @param nowMs UTC milliseconds; certificates are valid from a day before, for clocks that are behind
 */
export async function newAuthority(cluster: string, days: number, nowMs: number): Promise<Authority> {
  cryptoProvider.set(webcrypto);
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const ca = await X509CertificateGenerator.createSelfSigned({
    ...lasting(days, nowMs),
    serialNumber: serial(),
    name: `CN=${cluster} authority`,
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const pem = { cert: `${ca.toString('pem')}\n`, key: await pemOf(keys.privateKey) };
  return { ...pem, issue: issuing(ca.subject, keys.privateKey, nowMs) };
}

/** The authority that was made before, from its own files. Throws what cannot be read as such. */
export async function authorityFrom(pem: Pem, nowMs: number): Promise<Authority> {
  cryptoProvider.set(webcrypto);
  const [key] = PemConverter.decode(pem.key);
  const secret = await webcrypto.subtle.importKey('pkcs8', key as ArrayBuffer, ALGORITHM, true, ['sign']);
  return { ...pem, issue: issuing(new X509Certificate(pem.cert).subject, secret, nowMs) };
}

const issuing =
  (issuer: string, signingKey: webcrypto.CryptoKey, nowMs: number): Authority['issue'] =>
  async (name, names, days) => {
    const own = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
    const serves = names.length > 0;
    const cert = await X509CertificateGenerator.create({
      ...lasting(days, nowMs),
      serialNumber: serial(),
      subject: `CN=${name}`,
      issuer,
      publicKey: own.publicKey,
      signingKey,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension(
          [serves ? ExtendedKeyUsage.serverAuth : ExtendedKeyUsage.clientAuth],
          true,
        ),
        ...(serves ? [new SubjectAlternativeNameExtension(names.map(generalName))] : []),
      ],
    });
    return { cert: `${cert.toString('pem')}\n`, key: await pemOf(own.privateKey) };
  };

const lasting = (days: number, nowMs: number) => ({
  notBefore: new Date(nowMs - DAY_MS),
  notAfter: new Date(nowMs + days * DAY_MS),
});

const generalName = (value: string): JsonGeneralName => ({
  type: /^[0-9.]+$|:/.test(value) ? 'ip' : 'dns',
  value,
});

/** Positive, and unlike every other. */
const serial = (): string =>
  `01${Buffer.from(webcrypto.getRandomValues(new Uint8Array(15))).toString('hex')}`;

async function pemOf(key: webcrypto.CryptoKey): Promise<string> {
  const bytes = await webcrypto.subtle.exportKey('pkcs8', key);
  return `${PemConverter.encode(bytes, 'PRIVATE KEY')}\n`;
}
