import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bySubject, clientAddress } from './call.ts';
import { readTrace } from './request-head.ts';

const request = (forwarded: string | undefined): IncomingMessage => {
  const message = new IncomingMessage(new Socket());
  Object.defineProperty(message.socket, 'remoteAddress', { value: '192.0.2.9' });
  if (forwarded !== undefined) message.headers['x-forwarded-for'] = forwarded;
  return message;
};

describe('the address of a client', () => {
  it('is the peer when no proxy is trusted', () => {
    expect(clientAddress(request('203.0.113.1'), 0)).toBe('192.0.2.9');
  });

  it('is the entry that the trusted proxies wrote, counted from the right', () => {
    expect(clientAddress(request('1.1.1.1, 203.0.113.7'), 1)).toBe('203.0.113.7');
    expect(clientAddress(request('1.1.1.1, 203.0.113.7, 10.0.0.1'), 2)).toBe('203.0.113.7');
  });

  it('is the peer when there are fewer entries than trusted proxies', () => {
    expect(clientAddress(request('203.0.113.7'), 2)).toBe('192.0.2.9');
    expect(clientAddress(request(undefined), 1)).toBe('192.0.2.9');
  });

  it('does not change, whatever the caller writes in front', () => {
    fc.assert(
      fc.property(fc.string(), (forged) => {
        expect(clientAddress(request(`${forged}, 203.0.113.7`), 1)).toBe('203.0.113.7');
      }),
    );
  });
});

describe('the caller of a private function', () => {
  const token = (payload: string, signature = 'SIGNATURE_REMOVED_BY_GOOGLE') =>
    `Bearer e30.${Buffer.from(payload).toString('base64url')}.${signature}`;
  const caller = (headers: IncomingMessage['headers']) => {
    const message = request('203.0.113.7');
    Object.assign(message.headers, headers);
    return bySubject(message);
  };

  it('is the account whose token Google has verified, wherever it calls from', () => {
    expect(caller({ authorization: token('{"sub":"1234"}') })).toBe('subject 1234');
    expect(
      caller({
        authorization: token('{"sub":"forged"}'),
        'x-serverless-authorization': token('{"sub":"1234"}'),
      }),
    ).toBe('subject 1234');
  });

  it.each([
    ['whose signature is still there', token('{"sub":"1234"}', 'c2ln')],
    ['without a subject', token('{}')],
    ['whose subject is no text', token('{"sub":{"a":1}}')],
    ['that is not JSON', token('{')],
    ['that is no token', 'Basic YTpi'],
  ])('is its address with a token %s', (_what, authorization) => {
    expect(caller({ authorization })).toBe('203.0.113.7');
  });

  it('is its address, whatever the header holds', () => {
    fc.assert(
      fc.property(fc.string(), (authorization) => {
        expect(caller({ authorization })).toBe('203.0.113.7');
      }),
    );
  });
});

describe('the trace of a request', () => {
  const traceId = '0af7651916cd43dd8448eb211c80319c';

  it('comes from traceparent', () => {
    expect(readTrace({ traceparent: `00-${traceId}-b7ad6b7169203331-01` })).toEqual({
      requestId: traceId,
      traceId,
      spanId: 'b7ad6b7169203331',
      sampled: true,
    });
  });

  it("comes from Google's header when there is no other", () => {
    expect(readTrace({ 'x-cloud-trace-context': `${traceId}/255;o=0` })).toEqual({
      requestId: traceId,
      traceId,
      spanId: '00000000000000ff',
      sampled: false,
    });
  });

  it.each(['', 'x', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`, `00-${traceId}-${'0'.repeat(16)}-01`, '00-\n'])(
    'is made up when the header is %j',
    (traceparent) => {
      const trace = readTrace({ traceparent, 'x-cloud-trace-context': traceparent });
      expect(trace.traceId).toBeUndefined();
      expect(trace.requestId).toMatch(/^[\da-f-]{36}$/);
    },
  );
});
