import { expect, it } from 'vitest';
import { checkName } from './new-function.ts';

it.each([
  ['Greetings', 'use lowercase letters'],
  ['a--b', 'use lowercase letters'],
  ['a-name-that-is-longer-than-27', 'at most 27 characters'],
  ['delete', 'reserved word in JavaScript'],
  ['items', 'a file or folder with this name exists'],
  ['api', 'the project uses this name'],
])('npm run new rejects the name %s in one line', (name, why) => {
  expect(() => checkName(name)).toThrow(why);
  expect(() => checkName(name)).not.toThrow('\n');
});
