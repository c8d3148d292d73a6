import { describe, expect, it } from 'vitest';
import { readOptions } from './start-options.ts';

const functions = [{ name: 'users' }, { name: 'items' }];
const read = (args: readonly string[], env = {}) => readOptions(args, env, functions);

describe('the options of npm start', () => {
  it('default to all functions on port 8080, with a schedule', () => {
    expect(read([])).toMatchObject({ port: 8080, target: 'api', schedule: true, watch: false, keep: false });
  });

  it('read PORT, and prefer --port', () => {
    expect(read([], { PORT: '9000' }).port).toBe(9000);
    expect(read(['--port=9001'], { PORT: '9000' }).port).toBe(9001);
  });

  it('also work without the extra --: npm start --port=9301 --watch --no-schedule', () => {
    const env = { npm_config_port: '9301', npm_config_watch: 'true', npm_config_schedule: '' };
    expect(read([], env)).toMatchObject({ port: 9301, watch: true, schedule: false });
  });

  it.each([
    [['--port=0'], '--port is "0"; it must be an integer from 1 to 65535'],
    [['--port=http'], '--port is "http"; it must be an integer from 1 to 65535'],
    [['--target=nothing'], '--target is "nothing"; it must be one of api, users, items'],
    [['--prot=80'], "Unknown option '--prot'"],
    [['9000'], "Unexpected argument '9000'"],
  ])('reject %j', (args, message) => {
    expect(() => read(args)).toThrow(message);
  });
});
