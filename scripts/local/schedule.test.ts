import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveHttp } from './free-port.ts';
import { createSchedule } from './schedule.ts';

let answer: { readonly status: number; readonly body: object };
const headers = { 'content-type': 'application/json' };
let server: Awaited<ReturnType<typeof serveHttp>>;
beforeAll(async () => {
  server = await serveHttp((_, response) =>
    response.writeHead(answer.status, headers).end(JSON.stringify(answer.body)),
  );
});
afterAll(() => server.stop());

describe('the refresh that npm start reports', () => {
  it.each([
    [200, { received: 10, added: 3 }, '10 rows received, 3 new'],
    [202, { status: 'already-running' }, 'another refresh is running'],
    [502, { title: 'Feed unavailable', detail: 'x' }, 'failed with 502: Feed unavailable'],
  ])('describes a %i response', async (status, body, said) => {
    answer = { status, body };
    const schedule = createSchedule(server.url);
    const outcome = await schedule.start();
    schedule.stop();
    expect(outcome).toBe(`${said}; repeats every minute, like Cloud Scheduler`);
  });
});
