import { parseArgs } from 'node:util';

export const USAGE = `npm start -- [options]

  --port=9000       listens there instead of 8080 (or PORT)
  --target=NAME     one function alone instead of all of them
  --watch           serves changed code as soon as it is saved
  --inspect         opens a debugger on the function's process, at 127.0.0.1:9229
  --keep            keeps the data of the throw-away Redis for the next start with --keep
  --live            the real feed instead of a made-up one
  --feed=NAME       senticrypt or kraken, as FEED
  --no-schedule     no refresh at the start and each minute
  --no-console      no page that shows requests and keys, and breaks things; its port is 1000 above
  --help            this text

Settings come from the environment and from a file .env; see .env.example.`;

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

/** npm takes an option without `--` before it for its own, and hands it on in the environment only. */
const fromNpm = (env: Readonly<Record<string, string | undefined>>): string[] =>
  Object.entries(OPTIONS).flatMap(([name, { type }]) => {
    const value = env[`npm_config_${name}`];
    if (type === 'string') return value ? [`--${name}=${value}`] : [];
    return value === 'true' ? [`--${name}`] : value === '' ? [`--no-${name}`] : [];
  });

/** What `npm start -- …` takes. @throws Error with one line for a person */
export const readOptions = (
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  functions: readonly { readonly name: string }[],
) => {
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
