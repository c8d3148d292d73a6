import type { Config } from '../../shared/config/config.ts';
import { type Credentials, createCredentials } from '../../shared/redis/credentials.ts';
import type { Gcloud } from '../deploy/gcloud.ts';
import { messageOf } from '../local/message-of.ts';
import { connectStepByStep } from './check-connection.ts';
import { dataFinding, feedFinding } from './check-feed.ts';
import { regionFinding } from './check-region.ts';
import { serverFindings } from './check-server.ts';
import { type Finding, fault } from './finding.ts';

interface Setup {
  readonly config: Config;
  readonly nowMs: number;
  /** When given, the doctor also asks Google Cloud. */
  readonly cloud?: { readonly gcloud: Gcloud; readonly project: string };
}

async function* redisFindings({ config, nowMs }: Setup): AsyncGenerator<Finding> {
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
  const socket = yield* connectStepByStep(config.redis, credentials);
  if (socket === undefined) return;
  yield* serverFindings(socket, config.redis.cluster);
  socket.destroy();
  yield await dataFinding(config, nowMs);
}

/** Checks an installation, and yields each finding as soon as it is known. */
export async function* diagnose(setup: Setup): AsyncGenerator<Finding> {
  try {
    yield* redisFindings(setup);
  } catch (error) {
    // The message of a Problem is for HTTP callers. Its cause says what happened.
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    yield fault(
      `The connection to Redis broke: ${messageOf(cause)}`,
      'Fix the faults listed above. If there are none, read the instance’s log.',
    );
  }
  yield await feedFinding(setup.config, setup.nowMs);
  if (setup.cloud !== undefined) yield await regionFinding(setup.cloud.gcloud, setup.cloud.project, setup.config.redis);
}
