import { expect, it } from 'vitest';
import { checkName } from './new-function.ts';

it.each([
  ['Greetings', 'use lowercase letters'],
  ['a--b', 'use lowercase letters'],
  ['a-name-that-is-longer-than-27', 'at most 27 characters'],
  ['delete', 'JavaScript has that word'],
  ['items', 'there is a file or folder of that name'],
  ['api', 'the project has that word'],
])('npm run new refuses the name %s in one line', (name, why) => {
  expect(() => checkName(name)).toThrow(why);
  expect(() => checkName(name)).not.toThrow('\n');
});
