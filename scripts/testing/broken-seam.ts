import { expect } from 'vitest';
import { startFramework } from '../local/framework-process.ts';

/** Lets `http.createServer` stand as Node made it, whatever is assigned: as if the framework held it already. */
const HELD = `data:text/javascript,${encodeURIComponent(`
  import http from 'node:http';
  const { createServer } = http;
  Object.defineProperty(http, 'createServer', { get: () => createServer, set: () => {} });
`)}`;

const json = { 'content-type': 'application/json' };
const user = JSON.stringify({ name: 'A', email: 'a@example.com', age: 1, city: 'B', height: 1, weight: 1 });

/** Starts `source` where the kernel cannot take the framework's server, and checks that nothing is served then. */
export const expectLoudFailure = async (source: string): Promise<void> => {
  const api = await startFramework('api', { source, nodeArgs: [`--import=${HELD}`] });
  const answers = [
    await fetch(`${api.url}/health`),
    await fetch(`${api.url}/users/1`),
    await fetch(`${api.url}/users/1`, { method: 'PUT', headers: json, body: user }),
  ];
  const types = await Promise.all(answers.map(async (answer) => JSON.parse(await answer.text()).type));
  const exit = await api.stop();
  expect(answers.map(({ status }) => status)).toEqual([500, 500, 500]);
  expect(types).toEqual(Array(3).fill('/problems/internal'));
  const errors = api.output().match(/^\{"severity":"ERROR".*$/gm);
  expect(errors).toHaveLength(1);
  expect(errors?.[0]).toContain('http.createServer(app)');
  expect(exit).toBe(0);
};
