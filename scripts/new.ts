import { readArguments, runCommand } from './local/read-arguments.ts';
import { addFunction, removeFunction } from './new/new-function.ts';

const USAGE = `npm run new -- NAME            creates a function that uses Redis, with its test and its line in the manifest
npm run new -- NAME --remove   removes it`;

await runCommand(async () => {
  const { values, positionals } = readArguments(USAGE, {
    allowPositionals: true,
    options: { remove: { type: 'boolean', default: false } },
  });
  const [name, ...more] = positionals;
  if (name === undefined || more.length > 0) throw new Error(USAGE);
  if (values.remove) removeFunction(name);
  else console.log(`${addFunction(name).join('\n')}\nEdit these files, then run npm run check.`);
});
