/* What a careful user of Hono on its Node server writes: zod for input, node-redis, 400, 404 and 201. */
const { serve } = require('@hono/node-server');
const { Hono } = require('hono');
const { createClient } = require('redis');
const { z } = require('zod');

const { REDIS_URL, PORT } = process.env;
const client = createClient({ url: REDIS_URL });
client.on('error', (error) => console.error(error));

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
const SUMMARY = require('./summary.js');
const app = new Hono();

app.get('/users/:id', async (context) => {
  const userId = id.safeParse(context.req.param('id'));
  if (!userId.success) return context.json({ errors: userId.error.issues }, 400);
  const text = await client.get(`user:${userId.data}`);
  if (text === null) return context.json({ error: 'not found' }, 404);
  return context.json(JSON.parse(text));
});

app.put('/users/:id', async (context) => {
  const userId = id.safeParse(context.req.param('id'));
  if (!userId.success) return context.json({ errors: userId.error.issues }, 400);
  const input = user.safeParse(await context.req.json());
  if (!input.success) return context.json({ errors: input.error.issues }, 400);
  const stored = { id: userId.data, ...input.data };
  const before = await client.set(`user:${stored.id}`, JSON.stringify(stored), { GET: true });
  if (before === null) await client.zAdd('users', { score: stored.id, value: String(stored.id) });
  return context.json(stored, before === null ? 201 : 200);
});

app.get('/is-bitcoin-lit', (context) => context.body(SUMMARY, 200, { 'content-type': 'application/json' }));

client.connect().then(
  () => serve({ fetch: app.fetch, port: Number(PORT), hostname: '127.0.0.1' }),
  () => process.exit(1),
);
