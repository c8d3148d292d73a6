import { parseArgs } from 'node:util';

/** What `npm start -- …` takes. @throws Error with one line for a person */
export const readOptions = (
  args: readonly string[],
  envPort: string | undefined,
  functions: readonly { readonly name: string }[],
) => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: 'string' },
      target: { type: 'string', default: 'api' },
      feed: { type: 'string' },
      live: { type: 'boolean', default: false },
      schedule: { type: 'boolean', default: true },
      watch: { type: 'boolean', default: false },
    },
    allowNegative: true,
  });
  const [setting, given] = values.port === undefined ? ['PORT', envPort] : ['--port', values.port];
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
