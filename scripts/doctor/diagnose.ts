import type { Config } from '../../shared/config/config.ts';
import { type Credentials, createCredentials } from '../../shared/redis/credentials.ts';
import { messageOf } from '../local/message-of.ts';
import { dataFinding, feedFinding } from './check-feed.ts';
import { type Gcloud, regionFinding } from './check-region.ts';
import { readInfo, serverFindings } from './check-server.ts';
import { type Finding, fault } from './finding.ts';
import { dialStepByStep } from './try-dial.ts';

export interface Looked {
  readonly config: Config;
  readonly nowMs: number;
  /** When given, Google Cloud is asked too. */
  readonly cloud?: { readonly gcloud: Gcloud; readonly project: string };
}

const causeOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? causeOf(error.cause) : error.message;
};

async function* redisFindings({ config, nowMs }: Looked): AsyncGenerator<Finding> {
  let credentials: Credentials;
  try {
    credentials = await createCredentials(config.redis).read();
  } catch (error) {
    yield fault(
      messageOf(error),
      'The secret must exist and have a version, and the function’s account needs roles/secretmanager.secretAccessor on it.',
    );
    return;
  }
  const socket = yield* dialStepByStep(config.redis, credentials);
  if (socket === undefined) return;
  yield* serverFindings(await readInfo(socket), config.redis.cluster);
  socket.destroy();
  yield await dataFinding(config, nowMs);
}

/** Checks everything about a set-up and yields one finding after the other. */
export async function* diagnose(looked: Looked): AsyncGenerator<Finding> {
  try {
    yield* redisFindings(looked);
  } catch (error) {
    yield fault(
      `The connection to Redis broke: ${causeOf(error)}`,
      'Fix what is listed above. Otherwise read the instance’s log.',
    );
  }
  yield await feedFinding(looked.config, looked.nowMs);
  if (looked.cloud !== undefined) {
    const { gcloud, project } = looked.cloud;
    yield await regionFinding(gcloud, project, looked.config.redis);
  }
}
