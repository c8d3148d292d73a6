import { describe, expect, it } from 'vitest';
import { prefersHtml, quality } from './negotiation.ts';

describe('HTML is preferred', () => {
  it.each([
    'text/html',
    'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
    'TEXT/HTML ; Q=0.5, application/json;q=0.4',
    'text/*, application/json;q=0.9',
    'text/html;level=1;q=1, */*;q=.1',
  ])('by %s', (accept) => {
    expect(prefersHtml(accept)).toBe(true);
  });
});

describe('JSON is preferred', () => {
  it.each([
    '*/*',
    '',
    'application/json',
    'text/html;q=0.1, */*',
    'text/html, */*',
    'text/html;q=0, */*;q=0',
    'text/html, application/json',
    'text/html;q=0.8, application/problem+json',
    'text/html;q=nonsense',
    'text/htmlx',
  ])('by %j', (accept) => {
    expect(prefersHtml(accept)).toBe(false);
  });
});

describe('a coding', () => {
  it.each([
    ['gzip', 1],
    ['gzip;Q=0', 0],
    ['GZIP;q=0.5', 0.5],
    ['*', 1],
    ['gzip;q=0, *', 0],
    ['br, *;q=0', 0],
    ['br', 0],
    ['gzip;q=7', 1],
    ['gzip;q=-1', 0],
  ])('named by %s is wanted as much as %f', (header, wanted) => {
    expect(quality(header, 'gzip')).toBe(wanted);
  });
});
