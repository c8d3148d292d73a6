import fc from 'fast-check';

const piece: fc.Arbitrary<string | Uint8Array> = fc.oneof(
  fc.constantFrom(
    'x',
    'GARBAGE\r\n\r\n',
    'GET / HTTP/9.9\r\n\r\n',
    'GET /health HTTP/1.1\r\nhost',
    'CONNECT a:1 HTTP/1.1\r\nhost: a\r\n\r\n',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    '\x16\x03\x01\x02\x00\x01\x00',
    '0\r\n\r\n',
    '\r\n\r\n',
    '\0'.repeat(70_000),
    `x: ${'y'.repeat(40_000)}`,
  ),
  fc.uint8Array({ minLength: 1, maxLength: 40 }),
);

/** Matches when later pieces happen to complete the half request. */
const WHOLE = /\r\nhost[\w!#$%&'*+.^`|~-]*:[\s\S]*\r\n\r\n/;

/** One to three pieces of garbage, foreign protocols, or oversized or partial requests. Together they are no request. */
export const rawJunk = fc
  .array(piece, { minLength: 1, maxLength: 3 })
  .filter((pieces) => !WHOLE.test(pieces.map((each) => Buffer.from(each).toString('latin1')).join('')));
