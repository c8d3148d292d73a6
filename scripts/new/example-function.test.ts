import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { emptyRedis, type Served, startServe } from '../../scripts/testing/served.ts';
import { newThings } from './example-function.ts';

describe('new-things', () => {
  let served: Served;
  beforeAll(async () => {
    served = await startServe([newThings]);
  });
  beforeEach(emptyRedis);
  afterAll(() => served.stop());

  it('returns what was written last', async () => {
    await served.call('PUT', '/new-things/ada', { body: { text: 'Hello' } });
    await served.call('PUT', '/new-things/ada', { body: { text: 'Hello, Ada' } });
    const { status, body } = await served.call('GET', '/new-things/ada');
    expect([status, body]).toEqual([200, { name: 'ada', text: 'Hello, Ada' }]);
  });

  it('returns 404 for a note that was never written', async () => {
    expect((await served.call('GET', '/new-things/nothing')).status).toBe(404);
  });

  it.each([{ text: '' }, { text: 5 }, {}])('rejects the body %j and names the field', async (body) => {
    const answer = await served.call('PUT', '/new-things/ada', { body });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ path: 'body.text' }] } });
  });
});
