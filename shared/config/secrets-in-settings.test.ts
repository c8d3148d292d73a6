import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readConfig } from './config.ts';

/** Every setting that the schema reads, but for the names that Google gives, which the log has to show. */
const SETTINGS = [...readFileSync('shared/config/config.ts', 'utf8').matchAll(/^ {2}([A-Z_]{4,}):/gm)]
  .map(([, name = '']) => name)
  .filter((name) => !/^(K_|GOOGLE_)/.test(name));

/** The ways in which a secret gets into a setting where it does not belong. */
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

/** All that Node would print of a start with these settings. */
const messageOf = (env: Record<string, string>): string => {
  try {
    readConfig(env);
    return '';
  } catch (error) {
    return inspect(error);
  }
};

describe('a secret in a setting where it does not belong', () => {
  it('knows the settings', () => {
    expect(SETTINGS).toContain('REDISHOST');
    expect(SETTINGS.length).toBeGreaterThan(20);
  });

  it('stands in no message, in whatever setting and form, alone or beside others', () => {
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
