import { http } from '@google-cloud/functions-framework';
import { config } from '../shared/config/config.ts';
import { ConfigError, showSetting } from '../shared/config/config-error.ts';
import { functionTarget } from '../shared/config/function-target.ts';
import { applyCommands } from '../shared/domain/control/commands.ts';
import { countCall, storeCalls } from '../shared/domain/counters/calls.ts';
import { keepAnswers } from '../shared/domain/kept-answers.ts';
import { takeCall } from '../shared/domain/limiter.ts';
import type { Hooks } from '../shared/hooks.ts';
import type { FunctionDefinition } from '../shared/http/function.ts';
import { createServe } from '../shared/http/kernel.ts';
import { refuseExpress, takeOver } from '../shared/http/seam.ts';
import { log } from '../shared/log.ts';
import { closeRedis, closeSubscriptions } from '../shared/redis/index.ts';

/** Both travel to Redis with the call's own commands, about once a second. */
const count = (functionName: string): Promise<void> | undefined => {
  const stored = countCall(functionName);
  const applied = applyCommands();
  return stored && applied ? Promise.all([stored, applied]).then(() => {}) : (stored ?? applied);
};

const hooks: Hooks = { count, limit: takeCall, keep: keepAnswers };

const finish = async (): Promise<void> => {
  // What cannot be stored now is lost.
  await storeCalls().catch(() => {});
  closeSubscriptions();
  await closeRedis();
};

/** Checks the settings before anything starts: a wrong one ends the process with one line that names it. */
const checkSettings = (): void => {
  try {
    config();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    log.fatal(error.message);
    process.exit(1);
  }
};

/** Makes the functions known to the framework by their names, and `api` for all of them in one process. */
export const register = (functions: readonly FunctionDefinition[]): void => {
  checkSettings();
  const target = functionTarget();
  const found = target === 'api' ? functions : functions.filter(({ name }) => name === target);
  if (found.length === 0) {
    const names = ['api', ...functions.map(({ name }) => name)].join(', ');
    log.fatal(`FUNCTION_TARGET is ${showSetting(target)}; it must be one of ${names}`);
    process.exit(1);
  }
  const serve = createServe(found, hooks);
  http(target, refuseExpress);
  takeOver(serve, finish);
};
