import * as z from 'zod';
import { parseEtags } from '../etag.ts';
import { Problem } from '../problems.ts';

/** What must hold for a write: '' nothing, `absent`, `present`, or the SHA-1s of which the stored text has one. */
export type Precondition = string;

/** The header pair of RFC 9110 by which a write can be made conditional. */
export const preconditionHeaders = z
  .object({
    'if-match': z.string().optional().meta({ description: '`*`, or the ETag that the stored value must have' }),
    'if-none-match': z.literal('*').optional().meta({ description: '`*`: only when nothing is stored yet' }),
  })
  .transform(({ 'if-match': ifMatch, 'if-none-match': ifNoneMatch }, check): Precondition => {
    if (ifMatch !== undefined && ifNoneMatch !== undefined) {
      check.addIssue({ code: 'custom', path: ['if-match'], message: 'Give If-Match or If-None-Match, not both' });
      return z.NEVER;
    }
    if (ifNoneMatch !== undefined) return 'absent';
    if (ifMatch === undefined) return '';
    const tags = parseEtags(ifMatch);
    if (tags.includes('*')) return 'present';
    // A tag that no stored value can have must refuse the write, so an unknown form becomes one.
    return tags.length === 0 ? 'none' : tags.join();
  });

/** @returns the problem of a write whose precondition did not hold */
export const preconditionFailed = (): Problem =>
  new Problem('precondition-failed', 'What is stored is not what the precondition names. GET it again, then retry.');
