import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readConfig } from './config.ts';

/** Every setting of the schema, except the names that Google sets, which the log has to show. */
const SETTINGS = [...readFileSync('shared/config/config.ts', 'utf8').matchAll(/^ {2}([A-Z_]{4,}):/gm)]
  .map(([, name = '']) => name)
  .filter((name) => !/^(K_|GOOGLE_)/.test(name));

/** Ways to put a secret into the wrong setting. */
const FORMS: readonly ((secret: string) => string)[] = [
  (secret) => secret,
  (secret) => `redis://:${secret}@10.0.0.3`,
  (secret) => `redis://default:${secret}@10.0.0.3:6379/1`,
  (secret) => `default:${secret}@10.0.0.3`,
  (secret) => `https://me:${secret}@feed.example/rows`,
  (secret) => `https://${secret}@feed.example/rows`,
  (secret) => `http:${secret}`,
  (secret) => `-----BEGIN PRIVATE KEY-----${secret}`,
];

const secret = fc
  .string({ unit: fc.constantFrom(...'abcXYZ0189!$%&*+,;=?#~'), minLength: 9, maxLength: 30 })
  .filter((text) => /[a-zA-Z]/.test(text));

/** What Node would print if these settings stopped the start. */
const messageOf = (env: Record<string, string>): string => {
  try {
    readConfig(env);
    return '';
  } catch (error) {
    return inspect(error);
  }
};

describe('a secret in the wrong setting', () => {
  it('is tried in every setting', () => {
    expect(SETTINGS).toContain('REDISHOST');
    expect(SETTINGS.length).toBeGreaterThan(20);
  });

  it('is never part of a message, whatever the setting and form', () => {
    const planted = fc.dictionary(fc.constantFrom(...SETTINGS), fc.constantFrom(...FORMS), { minKeys: 1, maxKeys: 3 });
    fc.assert(
      fc.property(planted, secret, (forms, text) => {
        const env = Object.fromEntries(Object.entries(forms).map(([name, form]) => [name, form(text)]));
        expect(messageOf(env)).not.toContain(text);
      }),
      { numRuns: 2_000 },
    );
  });
});
