/*
 * The ceiling: bare node:http, node-redis with its default settings, and one command. No routing, no validation, no error
 * handling, no request ids, no deadline. COMMAND is what our function was seen to send. Without it, the response is a
 * fixed text.
 */
const http = require('node:http');
const { createClient } = require('redis');
const SUMMARY = require('./summary.js');

const { COMMAND, REDIS_URL, PORT } = process.env;
const [name, ...args] = JSON.parse(COMMAND ?? '[]');
const client = createClient({ url: REDIS_URL });
client.on('error', () => {});

const ask = () => (name === 'GET' ? client.get(args[0]) : client.sendCommand([name, ...args]));

const answer = (response, text) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
};

const server = http.createServer((request, response) => {
  if (name === undefined) {
    answer(response, SUMMARY);
    return;
  }
  if (request.method === 'GET') {
    ask().then(
      (reply) => answer(response, String(reply)),
      () => response.destroy(),
    );
    return;
  }
  let text = '';
  request.setEncoding('utf8');
  request.on('data', (chunk) => {
    text += chunk;
  });
  request.on('end', () => {
    JSON.parse(text);
    ask().then(
      () => answer(response, text),
      () => response.destroy(),
    );
  });
});

client.connect().then(
  () => server.listen(Number(PORT)),
  () => process.exit(1),
);
