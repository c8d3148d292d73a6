import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { etagOf } from '../../shared/etag.ts';

/** The files of Swagger UI that its page needs; the build copies them, because what is deployed has no packages of development. */
export const SWAGGER_FILES = ['swagger-ui.css', 'swagger-ui-bundle.js'] as const;
export type SwaggerFile = (typeof SWAGGER_FILES)[number];

export const swaggerTypes: Readonly<Record<SwaggerFile, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
};

/** One and the same file, and each form with a tag of its own, since their bytes differ. */
interface Asset {
  readonly plain: Tagged;
  readonly zipped: Tagged;
}

interface Tagged {
  readonly bytes: Buffer;
  readonly etag: string;
}

const tag = (bytes: Buffer): Tagged => ({ bytes, etag: etagOf(bytes.toString('base64')) });

const zip = promisify(gzip);
const loaded = new Map<SwaggerFile, Promise<Asset>>();

const readAsset = async (file: SwaggerFile): Promise<Asset> => {
  // The framework's command runs in the project's folder, from source and deployed alike.
  const root = process.cwd();
  const bytes = await readFile(join(root, 'dist', 'swagger-ui', file)).catch(() =>
    readFile(createRequire(join(root, 'package.json')).resolve(`swagger-ui-dist/${file}`)),
  );
  return { plain: tag(bytes), zipped: tag(await zip(bytes, { level: 9 })) };
};

/** A file of Swagger UI, read and compressed once. */
export const loadAsset = (file: SwaggerFile): Promise<Asset> => {
  const asset = loaded.get(file) ?? readAsset(file);
  loaded.set(file, asset);
  asset.catch(() => loaded.delete(file));
  return asset;
};
