/*
 * What a careful Fastify user writes, following its guide: schemas for input and output, node-redis, 404 and 201. No
 * request ids in responses, no ETags, no deadlines.
 */
const fastify = require('fastify')();
const { createClient } = require('redis');

const { REDIS_URL, PORT } = process.env;
const client = createClient({ url: REDIS_URL });
client.on('error', (error) => console.error(error));

const params = {
  type: 'object',
  properties: { id: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER } },
  required: ['id'],
};
const fields = {
  name: { type: 'string', minLength: 1, maxLength: 200 },
  email: { type: 'string', format: 'email' },
  age: { type: 'integer', minimum: 0, maximum: 150 },
  city: { type: 'string', minLength: 1, maxLength: 200 },
  height: { type: 'number', minimum: 0 },
  weight: { type: 'number', minimum: 0 },
  gender: { type: 'boolean', nullable: true },
};
const required = ['name', 'email', 'age', 'city', 'height', 'weight'];
const body = { type: 'object', properties: fields, required, additionalProperties: false };
const user = { type: 'object', properties: { id: { type: 'integer' }, ...fields } };
const response = { 200: user, 201: user };
const SUMMARY = require('./summary.js');

fastify.get('/users/:id', { schema: { params, response } }, async (request, reply) => {
  const text = await client.get(`user:${request.params.id}`);
  if (text === null) return reply.code(404).send({ error: 'not found' });
  return JSON.parse(text);
});

fastify.put('/users/:id', { schema: { params, body, response } }, async (request, reply) => {
  const stored = { id: request.params.id, ...request.body };
  const before = await client.set(`user:${stored.id}`, JSON.stringify(stored), { GET: true });
  if (before === null) await client.zAdd('users', { score: stored.id, value: String(stored.id) });
  return reply.code(before === null ? 201 : 200).send(stored);
});

fastify.get('/is-bitcoin-lit', (_request, reply) => reply.type('application/json').send(SUMMARY));

client
  .connect()
  .then(() => fastify.listen({ port: Number(PORT), host: '127.0.0.1' }))
  .catch(() => process.exit(1));
