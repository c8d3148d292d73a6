import { pathToFileURL } from 'node:url';

const HERE = `${pathToFileURL('.').href}/`;
/** The framework's advice, and where Node and packages were at that time: neither says what to mend. */
const NOISE = [
  /^Provided module can't be loaded\.$/,
  /^(Is there a syntax error|Did you list all required modules)/,
  /^Could not load the function, shutting down\.$/,
  /^ +at .*(node:internal|node_modules)/,
  /^Node\.js v/,
];

/** What the framework printed when it could not load the code, down to what a person needs: file, line and text. */
export const explainFailure = (printed: string): string =>
  printed
    .split('\n')
    .map((line) => line.replace('Detailed stack trace: ', '').replaceAll(HERE, ''))
    .filter((line) => !NOISE.some((pattern) => pattern.test(line)))
    .join('\n')
    .trim();
