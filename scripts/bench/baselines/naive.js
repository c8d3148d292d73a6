/*
 * The same endpoints as most people would write them: the stock framework, one node-redis client, zod, res.json. They
 * keep an index like ours, because lists need one. They lack what naive code lacks: deadlines, ETags, problem documents,
 * request ids.
 */
const functions = require('@google-cloud/functions-framework');
const { createClient } = require('redis');
const { z } = require('zod');

const client = createClient({ url: process.env.REDIS_URL });
client.on('error', (error) => console.error(error));
let connected;

/** Answers 400, 404 and 500 around a handler. */
const serve = (name, handle) =>
  functions.http(name, async (request, response) => {
    try {
      connected ??= client.connect();
      await connected;
      await handle(request, response);
    } catch (error) {
      if (error instanceof z.ZodError) response.status(400).json({ errors: error.issues });
      else response.status(500).json({ error: 'internal' });
    }
  });

const id = z.coerce.number().int().min(0);
const user = z.strictObject({
  name: z.string().min(1).max(200),
  email: z.email(),
  age: z.int().min(0).max(150),
  city: z.string().min(1).max(200),
  height: z.number().min(0),
  weight: z.number().min(0),
  gender: z.boolean().nullable().optional(),
});
const counterName = z.string().regex(/^[\w.:-]{1,128}$/);
const increment = z.strictObject({ by: z.int().default(1) });
const cacheKey = z.string().min(1).max(250);
const cacheWrite = z.strictObject({ value: z.unknown(), ttl_seconds: z.int().min(1).optional() });

serve('user-read', async (request, response) => {
  const userId = id.parse(request.path.split('/')[2]);
  const text = await client.get(`user:${userId}`);
  if (text === null) response.status(404).json({ error: 'not found' });
  else response.json(JSON.parse(text));
});

serve('user-write', async (request, response) => {
  const userId = id.parse(request.path.split('/')[2]);
  const stored = { id: userId, ...user.parse(request.body) };
  const before = await client.set(`user:${userId}`, JSON.stringify(stored), { GET: true });
  if (before === null) await client.zAdd('users', { score: userId, value: String(userId) });
  response.status(before === null ? 201 : 200).json(stored);
});

serve('counters', async (request, response) => {
  const name = counterName.parse(request.path.split('/')[2]);
  const { by } = increment.parse(request.body ?? {});
  const value = await client.incrBy(`counter:${name}`, by);
  if (value === by) await client.zAdd('counters', { score: 0, value: name });
  response.json({ name, value });
});

serve('cache', async (request, response) => {
  const key = cacheKey.parse(decodeURIComponent(request.path.split('/')[2]));
  if (request.method === 'PUT') {
    const { value, ttl_seconds: seconds } = cacheWrite.parse(request.body);
    await client.set(
      `cache:${key}`,
      JSON.stringify(value),
      seconds ? { expiration: { type: 'EX', value: seconds } } : {},
    );
    response.json({ key, value });
    return;
  }
  const [text, ttl] = await Promise.all([client.get(`cache:${key}`), client.ttl(`cache:${key}`)]);
  if (text === null) response.status(404).json({ error: 'not found' });
  else response.json({ key, value: JSON.parse(text), ttl_seconds: ttl < 0 ? null : ttl });
});
