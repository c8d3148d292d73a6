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
      'shared/config.ts',
    ];
    expect(files).toEqual(expect.arrayContaining(needed));
  });

  it('holds no test, no installed package, no state and no local setting', () => {
    const strange =
      /\.test\.ts$|node_modules|^dist\/|^infra\/|tfvars|^\.|shared\/testing|README|^scripts\/(?!build|slim)/;
    expect(files.filter((file) => strange.test(file))).toEqual([]);
  });
});
