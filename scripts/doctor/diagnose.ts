import { type Config, config } from '../../shared/config/config.ts';
import { ConfigError } from '../../shared/config/config-error.ts';
import { type Credentials, createCredentials } from '../../shared/redis/credentials.ts';
import type { Gcloud } from '../deploy/gcloud.ts';
import { messageOf } from '../local/message-of.ts';
import { connectionFindings } from './check-connection.ts';
import { dataFinding, feedFinding } from './check-feed.ts';
import { regionFinding } from './check-region.ts';
import { serverFindings } from './check-server.ts';
import { type Finding, fault } from './finding.ts';

async function* redisFindings(settings: Config, nowMs: number): AsyncGenerator<Finding> {
  let credentials: Credentials;
  try {
    credentials = await createCredentials(settings.redis).read();
  } catch (error) {
    yield fault(
      messageOf(error),
      'The secret must exist and have a version, and the function’s account needs roles/secretmanager.secretAccessor on it.',
    );
    return;
  }
  const info = yield* connectionFindings(settings.redis, credentials);
  if (info === undefined) return;
  yield* serverFindings(info, settings.redis.cluster);
  yield await dataFinding(settings, nowMs);
}

/**
 * Checks the installation that the environment describes, and yields each finding as soon as it is known.
 * @param cloud when given, Google Cloud is checked too
 */
export async function* diagnose(nowMs: number, cloud?: { gcloud: Gcloud; project: string }): AsyncGenerator<Finding> {
  let settings: Config;
  try {
    settings = config();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    yield fault(error.message, 'Correct this setting. The README lists them all.');
    return;
  }
  try {
    yield* redisFindings(settings, nowMs);
  } catch (error) {
    // The message of a Problem is for HTTP callers. Its cause says what happened.
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    yield fault(
      `The connection to Redis broke: ${messageOf(cause)}`,
      'Fix the faults listed above. If there are none, read the instance’s log.',
    );
  }
  yield await feedFinding(settings, nowMs);
  if (cloud !== undefined) yield await regionFinding(cloud.gcloud, cloud.project, settings.redis);
}
