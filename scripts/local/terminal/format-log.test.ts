import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { byLine, formatLogLine } from './format-log.ts';

const time = new Date(2026, 0, 2, 12, 4, 31).toISOString();
const show = (entry: unknown) =>
  stripVTControlCharacters(formatLogLine(typeof entry === 'string' ? entry : JSON.stringify(entry)));

describe('a line on the terminal', () => {
  it('shows the time, method, path, status, duration and function of a request', () => {
    expect(show({ time, method: 'GET', url: '/users/4', status: 200, latency_ms: 3.2 })).toBe(
      '12:04:31 GET /users/4 200 3 ms user-read',
    );
  });

  it('shows the detail of a problem', () => {
    const detail = 'There is no user 9.';
    expect(show({ time, method: 'GET', url: '/users/9', status: 404, latency_ms: 1, detail })).toBe(
      '12:04:31 GET /users/9 404 1 ms user-read\n  There is no user 9.',
    );
  });

  it("shows an error with its stack, the project's frames first and with relative paths", () => {
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
        '  caused by: ECONNRESET',
      ].join('\n'),
    );
  });

  it.each(['plain text', '{"half', '{"other":"json"}'])('does not change %s', (line) => {
    expect(show(line)).toBe(line);
  });

  it('is assembled from chunks', () => {
    const lines: string[] = [];
    const print = byLine((line) => lines.push(line));
    for (const piece of ['on', 'e\ntwo\nth', 'ree\n']) print(piece);
    expect(lines).toEqual(['one', 'two', 'three']);
  });
});
