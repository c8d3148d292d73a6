import { readFileSync } from 'node:fs';
import { normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { filesToUpload } from './upload.ts';

const files = filesToUpload('.');

describe('what is uploaded', () => {
  it('is all that the buildpack needs', () => {
    const needed = [
      'package.json',
      'package-lock.json',
      'scripts/build.ts',
      'functions/manifest.ts',
      'shared/config/config.ts',
    ];
    expect(files).toEqual(expect.arrayContaining(needed));
  });

  it('is all that the build itself imports', () => {
    const imports = readFileSync('scripts/build.ts', 'utf8').matchAll(/^import .+ from '(\..+)';$/gm);
    const needed = [...imports].map(([, path = '']) => normalize(`scripts/${path}`));
    expect(needed.length).toBeGreaterThan(1);
    expect(files).toEqual(expect.arrayContaining(needed));
  });

  it('holds no test, no installed package, no state and no local setting', () => {
    const strange =
      /\.test\.ts$|node_modules|^dist\/|^infra\/|tfvars|^\.|shared\/testing|README|^scripts\/(?!build|compile-cache|slim)/;
    expect(files.filter((file) => strange.test(file))).toEqual([]);
  });
});
