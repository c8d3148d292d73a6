import { readFileSync } from 'node:fs';
import { normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { filesToUpload } from './deploy-function.ts';

const files = filesToUpload('.');

describe('the upload', () => {
  it('has everything that the buildpack needs', () => {
    const needed = [
      'package.json',
      'package-lock.json',
      'scripts/build.ts',
      'functions/manifest.ts',
      'shared/config/config.ts',
    ];
    expect(files).toEqual(expect.arrayContaining(needed));
  });

  it('has everything that the build itself imports', () => {
    const imports = readFileSync('scripts/build.ts', 'utf8').matchAll(/^import .+ from '(\..+)';$/gm);
    const needed = [...imports].map(([, path = '']) => normalize(`scripts/${path}`));
    expect(needed.length).toBeGreaterThan(1);
    expect(files).toEqual(expect.arrayContaining(needed));
  });

  it('has no tests, installed packages, Terraform state or local settings', () => {
    const unwanted =
      /\.test\.ts$|node_modules|^dist\/|^infra\/|tfvars|^\.|shared\/testing|README|^scripts\/(?!build|compile-cache|slim)/;
    expect(files.filter((file) => unwanted.test(file))).toEqual([]);
  });
});
