import { expect, it } from 'vitest';
import { messageOf } from './message-of.ts';

const refused = new Error('connect ECONNREFUSED 127.0.0.1:1');

it.each([
  ['what an error says', new Error('wrong'), 'wrong'],
  [
    'why a call reached no server',
    new TypeError('fetch failed', { cause: refused }),
    `fetch failed: ${refused.message}`,
  ],
  ['every address that was tried', new AggregateError([refused, refused]), `${refused.message}, ${refused.message}`],
  ['what is no error', 'text', 'text'],
])('a message has %s', (_what, error, said) => {
  expect(messageOf(error)).toBe(said);
});
