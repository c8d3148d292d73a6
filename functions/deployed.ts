import { existsSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { functionTarget } from '../shared/config-target.ts';

/*
 * The deployed entry, `main` of package.json. Each function is one file of its own beside this one, and only the
 * wanted one is loaded: what a function does not use must not cost its cold start.
 */
// What V8 compiled at build time, for a start without NODE_COMPILE_CACHE: that spares the framework's files as well.
enableCompileCache({ directory: join(__dirname, 'compile-cache'), portable: true });

const file = join(__dirname, `${functionTarget()}.cjs`);
// The one that knows all functions says which there are.
require(existsSync(file) ? file : join(__dirname, 'api.cjs'));
