import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';

/** Google's Secret Manager, and the metadata server that lets its client in, for this process. */
export const startSecretManager = async () => {
  /** By name, of the project `p`; one that is missing is refused. */
  const secrets: Record<string, string> = {};
  const asked: string[] = [];
  const google = setupServer(
    http.get('http://169.254.169.254/computeMetadata/v1/*', ({ request }) => {
      const headers = { 'metadata-flavor': 'Google' };
      const token = { access_token: 'a', expires_in: 3_600, token_type: 'Bearer' };
      return request.url.includes('/token')
        ? HttpResponse.json(token, { headers })
        : HttpResponse.text('p', { headers });
    }),
    http.get('https://secretmanager.googleapis.com/v1/projects/p/secrets/:name/versions/:version', ({ params }) => {
      const name = String(params.name);
      asked.push(`${name} ${params.version}`);
      const text = secrets[name];
      if (text === undefined) return HttpResponse.json({ error: { code: 403, message: 'denied' } }, { status: 403 });
      return HttpResponse.json({ name, payload: { data: Buffer.from(text).toString('base64') } });
    }),
  );
  google.listen();
  process.env.METADATA_SERVER_DETECTION = 'assume-present';
  // Loaded before, so that a slow machine does not spend Secret Manager's patience on reading its client.
  await import('@google-cloud/secret-manager');
  return {
    secrets,
    /** What was asked for since the last time. */
    takeAsked: () => asked.splice(0).sort(),
    stop: () => google.close(),
  };
};
