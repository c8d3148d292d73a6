/* The stock framework's hello world: what a function costs before it does anything. */
const functions = require('@google-cloud/functions-framework');

functions.http('hello', (_request, response) => {
  response.json({ message: 'hello' });
});
