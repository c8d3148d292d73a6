/*
 * The ceiling: bare node:http, node-redis and the one command that the function was seen to send, read off the wire.
 * No routes, no checks, no errors, no ids, no deadline. GET answers the reply; anything else answers its body.
 */
const http = require('node:http');
const { createClient } = require('redis');

const { COMMAND = '["PING"]', REDIS_URL, PORT } = process.env;
const command = JSON.parse(COMMAND);
const client = createClient({ url: REDIS_URL });
client.on('error', () => {});

const answer = (response, text) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
};

const server = http.createServer((request, response) => {
  if (request.method === 'GET') {
    client.sendCommand(command).then(
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
    client.sendCommand(command).then(
      () => answer(response, text),
      () => response.destroy(),
    );
  });
});

client.connect().then(
  () => server.listen(Number(PORT)),
  () => process.exit(1),
);
