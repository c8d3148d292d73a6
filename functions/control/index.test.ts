import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { allKeys, command, emptyRedis, startServe } from '../../scripts/testing/served.ts';
import { control } from './index.ts';

const served = await startServe([control]);
beforeEach(emptyRedis);
afterAll(() => served.stop());

const give = (name: string, body: unknown, headers: Record<string, string> = {}) =>
  served.call('POST', `/commands/${name}`, { body, headers });
const list = async () => (await served.call('GET', '/commands')).body;

describe('POST /commands/{name}', () => {
  it.each([
    ['log-level', { level: 'debug' }],
    ['rate-limit', { per_minute: 60 }],
    ['rate-limit', { per_minute: 60, burst: 5 }],
    ['reread-secrets', {}],
    ['empty-cache', { tag: 'summary' }],
  ])('puts %s with %j in force until it expires', async (name, parameters) => {
    const { status, body } = await give(name, { ...parameters, ttl_seconds: 60 });
    const inForce = { name, parameters, ttl_seconds: 60 };
    expect([status, body]).toEqual([200, { ...inForce, heard_at_once: 0 }]);
    expect(await list()).toEqual({ commands: [inForce] });
    await command('PEXPIREAT', `{control}:${name}`, 1);
    expect(await list()).toEqual({ commands: [] });
  });

  it('replaces an earlier command of the same name', async () => {
    await give('log-level', { level: 'debug', ttl_seconds: 60 });
    await give('log-level', { level: 'error', ttl_seconds: 30 });
    expect(await list()).toEqual({
      commands: [{ name: 'log-level', parameters: { level: 'error' }, ttl_seconds: 30 }],
    });
  });

  it('answers 404 for an unknown command, and changes nothing', async () => {
    for (const name of ['dance', 'toString', '{control}', 'Log-Level']) {
      expect((await give(encodeURIComponent(name), { ttl_seconds: 60 })).status).toBe(404);
    }
    expect(await allKeys()).toEqual([]);
  });

  it.each([
    ['log-level', { level: 'loud', ttl_seconds: 60 }, 'body.level'],
    ['log-level', { ttl_seconds: 60 }, 'body.level'],
    ['log-level', { level: 'debug' }, 'body.ttl_seconds'],
    ['log-level', { level: 'debug', ttl_seconds: 0 }, 'body.ttl_seconds'],
    ['log-level', { level: 'debug', ttl_seconds: 86_401 }, 'body.ttl_seconds'],
    ['rate-limit', { per_minute: -1, ttl_seconds: 60 }, 'body.per_minute'],
    ['rate-limit', { per_minute: 1, burst: 0, ttl_seconds: 60 }, 'body.burst'],
    ['reread-secrets', { password: 'a-secret', ttl_seconds: 60 }, 'body.password'],
    ['empty-cache', { tag: '*', ttl_seconds: 60 }, 'body.tag'],
  ])('answers 400 for %s with %j, names %s, and changes nothing', async (name, body, path) => {
    expect(await give(name, body)).toMatchObject({ status: 400, body: { errors: [{ path }] } });
    expect(await allKeys()).toEqual([]);
  });

  it('replaces a command only when its precondition holds', async () => {
    const body = { level: 'debug', ttl_seconds: 60 };
    const { etag } = await give('log-level', body, { 'if-none-match': '*' });
    expect((await give('log-level', body, { 'if-none-match': '*' })).status).toBe(412);
    expect((await give('log-level', body, { 'if-match': etag })).status).toBe(200);
    expect((await give('log-level', body, { 'if-match': etag })).status).toBe(412);
  });
});

describe('DELETE /commands/{name}', () => {
  it('ends a command, then answers 404', async () => {
    await give('log-level', { level: 'debug', ttl_seconds: 60 });
    const statuses = [
      await served.call('DELETE', '/commands/log-level'),
      await served.call('DELETE', '/commands/log-level'),
      await served.call('DELETE', '/commands/dance'),
    ].map(({ status }) => status);
    expect(statuses).toEqual([204, 404, 404]);
    expect(await list()).toEqual({ commands: [] });
  });
});
