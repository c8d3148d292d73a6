import { parseArgs } from 'node:util';

export const USAGE = `npm start -- [options]

  --port=9000       listens on this port instead of 8080 (or PORT)
  --target=NAME     runs one function instead of all of them
  --watch           restarts when code changes
  --inspect         opens a debugger for the function process on 127.0.0.1:9229
  --keep            keeps the data of the throw-away Redis for the next start with --keep
  --live            reads a real feed instead of a made-up one
  --feed=NAME       senticrypt or kraken, like FEED
  --no-schedule     does not call /refresh at the start and every minute
  --no-console      does not start the console, which shows requests and keys on the port + 1000
  --help            prints this text

Settings come from the environment and from a .env file; see .env.example.`;

const no = { type: 'boolean', default: false } as const;
const yes = { type: 'boolean', default: true } as const;
const OPTIONS = {
  port: { type: 'string' },
  target: { type: 'string', default: 'api' },
  feed: { type: 'string' },
  live: no,
  schedule: yes,
  console: yes,
  watch: no,
  keep: no,
  inspect: no,
  help: no,
} as const;

type Environment = Readonly<Record<string, string | undefined>>;

/** Without a `--` before them, npm takes options for its own and passes them on as environment variables. */
const fromNpm = (env: Environment): string[] =>
  Object.entries(OPTIONS).flatMap(([name, { type }]) => {
    const value = env[`npm_config_${name}`];
    if (type === 'string') return value ? [`--${name}=${value}`] : [];
    return value === 'true' ? [`--${name}`] : value === '' ? [`--no-${name}`] : [];
  });

/** The options of `npm start`. @throws Error with one line that says what is wrong */
export const readOptions = (args: readonly string[], env: Environment, functions: readonly { name: string }[]) => {
  const { values } = parseArgs({ args: [...fromNpm(env), ...args], options: OPTIONS, allowNegative: true });
  const [setting, given] = values.port === undefined ? ['PORT', env.PORT] : ['--port', values.port];
  const port = Number(given || 8080);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new Error(`${setting} is "${given}"; it must be an integer from 1 to 65535`);
  }
  const targets = ['api', ...functions.map(({ name }) => name)];
  if (!targets.includes(values.target)) {
    throw new Error(`--target is "${values.target}"; it must be one of ${targets.join(', ')}`);
  }
  return { ...values, port };
};

export type StartOptions = ReturnType<typeof readOptions>;
