import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../scripts/local/redis-server.ts';
import { startSecretManager } from '../scripts/testing/secret-manager.ts';
import { type Served, startServe } from '../scripts/testing/served.ts';
import { applyCommands } from '../shared/domain/control/commands.ts';
import { control } from './control/index.ts';

let google: Awaited<ReturnType<typeof startSecretManager>>;
let server: RedisServer;
let served: Served;
/** The clock advances a minute per call, so every call looks for commands. */
let nowMs = 0;
const count = () => {
  nowMs += 60_000;
  return applyCommands(nowMs);
};
beforeAll(async () => {
  google = await startSecretManager();
  google.secrets.password = 'first';
  server = await startRedis({ password: 'first' });
  delete process.env.REDIS_URL;
  Object.assign(process.env, {
    REDISHOST: '127.0.0.1',
    REDISPORT: String(server.port),
    REDIS_PASSWORD_SECRET: 'projects/p/secrets/password',
  });
  served = await startServe([control], { count });
});
afterAll(async () => {
  await served.stop();
  await server.stop();
  google.stop();
});

/** The ids of the functions' connections. */
const connections = async () => {
  const clients = String(await server.admin('CLIENT', 'LIST', 'TYPE', 'normal')).split('\n');
  return clients.filter((line) => line.includes(' user=default ')).map((line) => /^id=(\d+)/.exec(line)?.[1]);
};
const list = () => served.call('GET', '/commands');

it('reread-secrets makes an instance reconnect with the rotated password while the old connection still works', async () => {
  expect((await list()).status).toBe(200);
  const before = await connections();
  expect(before).toHaveLength(1);
  await server.admin('ACL', 'SETUSER', 'default', 'resetpass', '>second');
  google.secrets.password = 'second';
  expect(google.takeAsked()).toEqual(['password latest:access']);

  await served.call('POST', '/commands/reread-secrets', { body: { ttl_seconds: 60 } });
  // The first of these calls finds the command and runs it.
  expect([(await list()).status, (await list()).status]).toEqual([200, 200]);
  expect(google.takeAsked()).toEqual(['password latest:access']);
  await expect.poll(connections).toHaveLength(1);
  expect(await connections()).not.toEqual(before);
});
