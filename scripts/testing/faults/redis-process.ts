import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'redis';
import { killAfterDeath } from '../../local/end-with-parent.ts';
import { freePort } from '../../local/free-port.ts';

type Config = Readonly<Record<string, string | number>>;

/** A redis-server of the faults suite: a process that may be stopped, killed and started again at the same port. */
export interface RedisProcess {
  readonly port: number;
  readonly isRunning: () => boolean;
  readonly signal: (name: NodeJS.Signals) => void;
  /** SIGKILL, and waits for the end. */
  readonly kill: () => Promise<void>;
  /** Starts it again, empty unless it keeps a file, and waits until it accepts commands (or is `LOADING`). */
  readonly start: (more?: Config) => Promise<void>;
  /** Sends one command as an administrator. */
  readonly send: (...command: string[]) => Promise<unknown>;
}

const connect = async (port: number, password: string | undefined) => {
  const client = createClient({
    ...(password !== undefined && { username: 'admin', password }),
    socket: { host: '127.0.0.1', port, reconnectStrategy: (attempt) => (attempt < 400 ? 10 : false) },
  });
  client.on('error', () => {});
  return client.connect();
};

/** @param adminPassword what `admin` says; without one the default user is the administrator */
export const startRedisProcess = async ({
  config = {},
  adminPassword,
  port: wanted,
}: {
  config?: Config;
  adminPassword?: string;
  port?: number;
} = {}): Promise<RedisProcess> => {
  const port = wanted ?? (await freePort());
  const base = { bind: '127.0.0.1', port, save: '""', appendonly: 'no', 'enable-debug-command': 'yes', ...config };
  const dir = await mkdtemp(join(tmpdir(), 'faults-'));
  process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
  let release = () => {};
  let child: ReturnType<typeof spawn> | undefined;
  let admin: Awaited<ReturnType<typeof connect>> | undefined;

  const isRunning = () => child !== undefined && child.exitCode === null && child.signalCode === null;
  const kill = async (): Promise<void> => {
    admin?.destroy();
    admin = undefined;
    if (child === undefined || !isRunning()) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    release();
  };
  const start = async (more: Config = {}): Promise<void> => {
    const lines = Object.entries({ ...base, ...more }).map(([name, value]) => `${name} ${value}\n`);
    if (adminPassword !== undefined) lines.push(`user admin on >${adminPassword} ~* &* +@all\n`);
    child = spawn('redis-server', ['-'], { stdio: ['pipe', 'ignore', 'ignore'], detached: true, cwd: dir });
    child.stdin?.end(lines.join(''));
    if (child.pid !== undefined) release = killAfterDeath(child.pid);
    admin = await connect(port, adminPassword);
    const info = String(await admin.sendCommand(['INFO', 'server']));
    if (!info.includes(`process_id:${child.pid}\r\n`)) throw new Error(`port ${port} belongs to another server`);
  };
  await start();
  return {
    port,
    isRunning,
    signal: (name) => child?.kill(name),
    kill,
    start,
    send: async (...command) => {
      admin ??= await connect(port, adminPassword);
      return admin.sendCommand(command);
    },
  };
};
