import * as z from 'zod';
import { parseEtags } from '../../etag.ts';
import { Problem } from '../../problems/problem.ts';

/**
 * What must hold for a write: '' nothing, `absent`, `present`, the quoted SHA-1s of which the stored text has one, or
 * `never`.
 */
export type Precondition = string;

/**
 * Lua for the start of a script that writes: `check(key, wanted)` answers whether a precondition holds for what is
 * stored, and whether anything is. It reads the text only to compare its tag.
 */
export const CHECK = `
local function check(key, wanted)
  if string.sub(wanted, 1, 1) == '"' then
    local text = redis.call('GET', key)
    if not text then return false, false end
    return string.find(wanted, '"' .. redis.sha1hex(text) .. '"', 1, true) ~= nil, true
  end
  local stored = redis.call('EXISTS', key) == 1
  if wanted == 'absent' then return not stored, stored end
  if wanted == 'present' then return stored, stored end
  return wanted == '', stored
end
`;

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
    if (ifMatch.trim() === '*') return 'present';
    // RFC 9110 compares strongly here, so a weak tag matches nothing, like any unknown form.
    const tags = parseEtags(ifMatch.replace(/W\/"[^"]*"/g, '')).filter((tag) => tag !== '*');
    return tags.length === 0 ? 'never' : tags.join();
  });

/** @returns the problem of a write whose precondition did not hold */
export const preconditionFailed = (): Problem =>
  new Problem('precondition-failed', 'What is stored is not what the precondition names. GET it again, then retry.');
