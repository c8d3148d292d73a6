import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { functionTarget } from '../shared/config/function-target.ts';

/*
 * The deployed entry, `main` of package.json. Each function is one file of its own beside this one, and only the
 * wanted one is loaded: what a function does not use must not cost its cold start.
 */
const file = join(__dirname, `${functionTarget()}.cjs`);
// The one that knows all functions says which there are.
require(existsSync(file) ? file : join(__dirname, 'api.cjs'));
