import { expect, it } from 'vitest';
import { messageOf } from './message-of.ts';

const refused = new Error('connect ECONNREFUSED 127.0.0.1:1');

it.each([
  ['the message of an error', new Error('wrong'), 'wrong'],
  [
    'the cause of a failed fetch',
    new TypeError('fetch failed', { cause: refused }),
    `fetch failed: ${refused.message}`,
  ],
  ['no period before a cause', new Error('Try again.', { cause: refused }), `Try again: ${refused.message}`],
  [
    'the error of each address that was tried',
    new AggregateError([refused, refused]),
    `${refused.message}, ${refused.message}`,
  ],
  ['a thrown value that is not an error', 'text', 'text'],
])('an error message contains %s', (_what, error, message) => {
  expect(messageOf(error)).toBe(message);
});
