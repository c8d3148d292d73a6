import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAuthority } from '../testing/certificates.ts';
import { createRespClient } from '../testing/resp.ts';
import { isListening } from './processes.ts';
import { REFUSED_COMMANDS } from './redis-configuration.ts';
import { type RedisServer, startRedis } from './redis-server.ts';

const servers: RedisServer[] = [];
const start = async (...options: Parameters<typeof startRedis>): Promise<RedisServer> => {
  const server = await startRedis(...options);
  servers.push(server);
  return server;
};
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

const commands = (list: string) => list.split(', ').map((line) => line.split(' '));

const refused = commands(
  'ACL WHOAMI, BGREWRITEAOF, BGSAVE, CLIENT ID, CLUSTER INFO, COMMAND COUNT, CONFIG GET maxmemory, DEBUG SLEEP 0, ' +
    'FAILOVER, KEYS *, LASTSAVE, MIGRATE 127.0.0.1 1 key 0 1, MODULE LIST, MONITOR, OBJECT ENCODING key, PSYNC ? -1, ' +
    'REPLICAOF NO ONE, SAVE, SHUTDOWN, SLAVEOF NO ONE, SPUBLISH channel text, SSUBSCRIBE channel, ' +
    'SUNSUBSCRIBE channel, SYNC',
);
const allowed = commands('EVAL return(1) 0, INFO commandstats, SCAN 0, PUBLISH channel text, SCRIPT FLUSH, MULTI');

describe('the throw-away Redis', () => {
  it('refuses the commands that Memorystore refuses, and KEYS, which blocks', async () => {
    const client = createRespClient((await start()).url);
    expect(refused.map(([name]) => name?.toLowerCase())).toEqual(REFUSED_COMMANDS);
    for (const command of refused) await expect(client.send(...command)).rejects.toThrow(/^NOPERM|not allowed/);
    client.close();
  });

  it('allows its clients scripts, SCAN, INFO and channels', async () => {
    const client = createRespClient((await start()).url);
    for (const command of allowed) await expect(client.send(...command)).resolves.toBeDefined();
    client.close();
  });

  it('refuses clients without the password', async () => {
    const { port, url } = await start({ password: 'p%ss@w/o:' });
    const [stranger, friend] = [createRespClient(`redis://127.0.0.1:${port}`), createRespClient(url)];
    await expect(stranger.send('PING')).rejects.toThrow('NOAUTH');
    expect(await friend.send('PING')).toBe('PONG');
    for (const client of [stranger, friend]) client.close();
  });

  it('keeps the password out of the process list', async () => {
    const { pid } = await start({ password: 'not-for-everybody' });
    const { stdout } = spawnSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' });
    expect(stdout).not.toContain('not-for-everybody');
  });

  it('uses TLS with a certificate that its CA has signed', async () => {
    const { port, ca, admin } = await start({ tls: true });
    const socket = connectTls({ port, host: '127.0.0.1', ca });
    await once(socket, 'secureConnect');
    expect(socket.authorized).toBe(true);
    socket.destroy();
    expect(await admin('PING')).toBe('PONG');
  });

  it('can present a certificate without alternative names, as Memorystore does', async () => {
    const authority = await createAuthority('An authority');
    const tls = await authority.issue();
    const { port, ca } = await start({ tls });
    const socket = connectTls({ port, host: '127.0.0.1', ca, checkServerIdentity: () => undefined });
    await once(socket, 'secureConnect');
    expect(socket.getPeerCertificate()).toMatchObject({ subject: { CN: '127.0.0.1' }, subjectaltname: undefined });
    socket.destroy();
  });

  it('reports the output of Redis when it cannot start', async () => {
    await expect(start({ config: { maxmemory: 'plenty' } })).rejects.toThrow("'maxmemory plenty'");
    const { port } = await start();
    await expect(start({ port })).rejects.toThrow('already in use');
  });

  it('is gone after stop(), even if it was suspended', async () => {
    const { pid, port, stop } = await startRedis();
    process.kill(pid, 'SIGSTOP');
    await stop();
    expect(await isListening(port)).toBe(false);
  });

  it('ends with its parent, even if that is killed', async () => {
    const script = `const { startRedis } = await import('./scripts/local/redis-server.ts');
      console.log((await startRedis()).port); setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script]);
    const [port] = (await once(parent.stdout, 'data')).map(Number);
    expect(await isListening(port ?? 0)).toBe(true);
    parent.kill('SIGKILL');
    await expect.poll(() => isListening(port ?? 0)).toBe(false);
  });

  it('does not keep a finished process alive', () => {
    const script = `const { startRedis } = await import('./scripts/local/redis-server.ts');
      const { admin } = await startRedis(); console.log(await admin('PING'));`;
    const { status, stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    expect([status, stdout]).toEqual([0, 'PONG\n']);
  });
});

describe('the search for a Redis', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'path-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** Runs the search on a machine with these programs only (shell scripts by name) and an empty .cache. */
  const search = async (programs: Readonly<Record<string, string>>, env = {}) => {
    for (const [name, text] of Object.entries(programs)) {
      await writeFile(join(folder, name), `#!/bin/sh\n${text}\n`);
      await chmod(join(folder, name), 0o755);
    }
    const script = `import { find } from './scripts/local/redis-binary.ts';
      try { console.log((await find('${join(folder, 'cache')}')).description); } catch (error) { console.log(error.message); }`;
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      env: { PATH: folder, ...env },
      encoding: 'utf8',
    });
    return stdout.trim();
  };
  const version = (text: string) => `echo '${text}'`;

  it('finds redis-server on the PATH', async () => {
    const found = await search({ 'redis-server': version('Redis server v=7.2.4 sha=00000000:0 bits=64') });
    expect(found).toBe('redis-server 7.2.4 from the PATH');
  });

  it('finds valkey-server if there is no redis-server', async () => {
    const found = await search({ 'valkey-server': version('Valkey server v=8.0.1 sha=00000000:0 bits=64') });
    expect(found).toBe('valkey-server 8.0.1 from the PATH');
  });

  it('skips a server that is too old or does not run', async () => {
    const found = await search({
      'redis-server': version('Redis server v=5.0.14 sha=00000000:0'),
      'valkey-server': 'exit 127',
      docker: 'echo 27.0',
    });
    expect(found).toBe('redis:7.2-alpine in Docker');
  });

  it('downloads again if the cached server does not run', async () => {
    const kept = join(folder, 'cache', 'redis', 'usr', 'bin');
    await mkdir(kept, { recursive: true });
    await writeFile(join(kept, 'redis-server'), 'half a file');
    const found = await search({
      'apt-get': 'case "$*" in *download*) echo > redis.deb;; esac',
      dpkg: `/bin/mkdir -p "$3/usr/bin" && cd "$3/usr/bin" && echo '#!/bin/sh' > redis-server &&
        echo "echo v=7.2.4" >> redis-server && /bin/chmod +x redis-server`,
    });
    expect(found).toBe("redis-server 7.2.4 from the system's packages, cached in .cache");
  });

  it('uses the server in THROW_AWAY_REDIS and no other', async () => {
    const other = join(folder, 'other');
    await writeFile(other, `#!/bin/sh\n${version('Valkey server v=8.0.1 sha=00000000:0')}\n`, { mode: 0o755 });
    const programs = { 'redis-server': version('Redis server v=7.2.4') };
    expect(await search(programs, { THROW_AWAY_REDIS: other })).toBe('valkey-server 8.0.1 from THROW_AWAY_REDIS');
    expect(await search(programs, { THROW_AWAY_REDIS: '/nothing' })).toMatch(
      /^THROW_AWAY_REDIS is "\/nothing"; it must be/,
    );
  });

  it('says what to do if there is no server', async () => {
    const listed = await search({});
    expect(listed).toMatch(/apt-get install redis-server[\s\S]*brew install redis[\s\S]*Docker[\s\S]*REDIS_URL/);
  });
});
