import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { byLine, formatLogLine } from './format-log.ts';

const time = new Date(2026, 0, 2, 12, 4, 31).toISOString();
const show = (entry: unknown) =>
  stripVTControlCharacters(formatLogLine(typeof entry === 'string' ? entry : JSON.stringify(entry), () => 'user-read'));

describe('a line on the terminal', () => {
  it('is time, method, path, status, duration and function of a request', () => {
    const httpRequest = { requestMethod: 'GET', requestUrl: '/users/4', status: 200 };
    expect(show({ severity: 'INFO', time, latency_ms: 3, httpRequest })).toBe(
      '12:04:31 GET /users/4 200 3 ms user-read',
    );
  });

  it('shows the detail of a problem', () => {
    const httpRequest = { requestMethod: 'GET', requestUrl: '/users/9', status: 404 };
    expect(show({ severity: 'INFO', time, latency_ms: 1, httpRequest, detail: 'There is no user 9.' })).toBe(
      '12:04:31 GET /users/9 404 1 ms user-read\n  There is no user 9.',
    );
  });

  it('shows a thrown error as its stack, our files first and by their short paths', () => {
    const stack_trace = [
      'TypeError: no',
      '    at run (node:internal/modules/run:1:1)',
      `    at handle (file://${process.cwd()}/functions/items/index.ts:20:7)`,
    ].join('\n');
    expect(show({ severity: 'ERROR', time, message: 'no', stack_trace, causes: ['ECONNRESET'] })).toBe(
      [
        '12:04:31 ERROR TypeError: no',
        '    at handle (functions/items/index.ts:20:7)',
        '    at run (node:internal/modules/run:1:1)',
        '  because: ECONNRESET',
      ].join('\n'),
    );
  });

  it.each(['plain text', '{"half', '{"other":"json"}'])('leaves %s as it is', (line) => {
    expect(show(line)).toBe(line);
  });

  it('is put together from pieces', () => {
    const lines: string[] = [];
    const print = byLine((line) => lines.push(line));
    for (const piece of ['on', 'e\ntwo\nth', 'ree\n']) print(piece);
    expect(lines).toEqual(['one', 'two', 'three']);
  });
});
