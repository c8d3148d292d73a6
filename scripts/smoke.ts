import { manifest } from '../functions/manifest.ts';
import { readArguments, runCommand } from './local/read-arguments.ts';
import { runSmoke } from './smoke/run-smoke.ts';

const USAGE = `npm run smoke -- URL [--token=IDENTITY_TOKEN] [--without-feed]
  tests a deployment that serves all functions at one URL, and cleans up after itself
  --token=TOKEN    sent with every request; private functions need it
  --without-feed   accepts that the feed cannot be reached`;

const { values, positionals } = readArguments(USAGE, {
  allowPositionals: true,
  options: { token: { type: 'string' }, 'without-feed': { type: 'boolean', default: false } },
});

await runCommand(async () => {
  const [url] = positionals;
  if (url === undefined || !URL.canParse(url)) throw new Error(USAGE);
  const functions = new Map(manifest.map(({ name }) => [name, { url, token: values.token }]));
  const failed = await runSmoke(functions, console.log, values['without-feed']);
  if (failed > 0) throw new Error(`${failed} checks failed.`);
});
