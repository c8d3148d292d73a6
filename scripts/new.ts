import { readArguments, runCommand } from './local/read-arguments.ts';
import { addFunction, removeFunction } from './new/new-function.ts';

const USAGE = `npm run new -- NAME            makes a function that uses Redis, with its test and its line in the manifest
npm run new -- NAME --remove   takes it away`;

await runCommand(async () => {
  const { values, positionals } = readArguments(USAGE, {
    allowPositionals: true,
    options: { remove: { type: 'boolean', default: false } },
  });
  const [name, ...more] = positionals;
  if (name === undefined || more.length > 0) throw new Error(USAGE);
  else if (values.remove) removeFunction(name);
  else console.log(`${addFunction(name).join('\n')}\nChange them, then run npm run check.`);
});
