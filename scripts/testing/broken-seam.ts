import { expect } from 'vitest';
import { startFramework } from '../local/framework-process.ts';

/** Makes `http.createServer` read-only, as if the framework had captured it before the kernel could replace it. */
const LOCK_CREATE_SERVER = `data:text/javascript,${encodeURIComponent(`
  import http from 'node:http';
  const { createServer } = http;
  Object.defineProperty(http, 'createServer', { get: () => createServer, set: () => {} });
`)}`;

/** Starts `source` where the kernel cannot take over the framework's server, and checks that every request fails. */
export const expectLoudFailure = async (source: string): Promise<void> => {
  const api = await startFramework('api', { source, nodeArgs: [`--import=${LOCK_CREATE_SERVER}`] });
  const headers = { 'content-type': 'application/json' };
  const answers = [
    await fetch(`${api.url}/health`),
    await fetch(`${api.url}/users/1`),
    await fetch(`${api.url}/users/1`, { method: 'PUT', headers, body: '{}' }),
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
