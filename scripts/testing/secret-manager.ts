import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';

/** Mocks Secret Manager for this process, and the metadata server where its client gets a token. */
export const startSecretManager = async () => {
  /** The secrets of project `p`, by name. A missing one is answered 403. */
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
  // Otherwise Google's client would ask the machine's gcloud, which takes seconds.
  process.env.GOOGLE_CLOUD_PROJECT = 'p';
  // Loading the client takes long on a slow machine. Do it now, outside the timeout of the call.
  await import('@google-cloud/secret-manager');
  return {
    secrets,
    /** The secrets requested since the last call. */
    takeAsked: () => asked.splice(0).sort(),
    stop: () => google.close(),
  };
};
