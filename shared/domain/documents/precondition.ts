import * as z from 'zod';
import { Problem } from '../../problems/problem.ts';
import { isAnyEtag, parseEtags } from '../../stored-text.ts';

/** What must hold for a write; `tagged`: what is stored has one of these ETags. Without a tag it never holds. */
export type Precondition =
  | { readonly kind: 'none' | 'absent' | 'present' }
  | { readonly kind: 'tagged'; readonly etags: readonly string[] };

/** The write happens whatever is stored. */
export const ALWAYS: Precondition = { kind: 'none' };

/** Whether it holds for a stored value with this ETag; undefined when nothing is stored. */
export const holds = (condition: Precondition, etag: string | undefined): boolean => {
  if (condition.kind === 'tagged') return etag !== undefined && condition.etags.includes(etag);
  return condition.kind === 'none' || (condition.kind === 'present') === (etag !== undefined);
};

/** The argument of a script that `checkLua` reads. */
export const printCondition = (condition: Precondition): string =>
  condition.kind === 'tagged' ? `"${condition.etags.join()}` : condition.kind;

/**
 * Lua for the start of a script that writes: `check(key, condition)` answers whether a printed precondition holds for
 * what is stored, and whether anything is. It reads the text only to compare its tag.
 * @param tag a Lua expression: the ETag, without its quotes, of the stored `text`
 */
export const checkLua = (tag: string): string => `
local function check(key, condition)
  if string.sub(condition, 1, 1) == '"' then
    local text = redis.call('GET', key)
    if not text then return false, false end
    return string.find(condition, '"' .. ${tag} .. '"', 2, true) ~= nil, true
  end
  local stored = redis.call('EXISTS', key) == 1
  return condition == 'none' or (condition == 'present') == stored, stored
end
`;

/** The pair of headers from RFC 9110 that makes a write conditional. */
export const preconditionFields = {
  'if-match': z.string().optional().meta({ description: '`*`, or the ETag that the stored value must have' }),
  'if-none-match': z
    .literal('*', { error: 'Must be *, which means: only when nothing is stored yet' })
    .optional()
    .meta({ description: '`*`: only when nothing is stored yet' }),
};

const headerPair = z.object(preconditionFields);

/** @returns what the pair asks for; both at once are a fault */
export const readCondition = (
  { 'if-match': ifMatch, 'if-none-match': ifNoneMatch }: z.infer<typeof headerPair>,
  check: z.RefinementCtx,
): Precondition => {
  if (ifMatch !== undefined && ifNoneMatch !== undefined) {
    check.addIssue({ code: 'custom', path: ['if-match'], message: 'Give If-Match or If-None-Match, not both' });
    return z.NEVER;
  }
  if (ifNoneMatch !== undefined) return { kind: 'absent' };
  if (ifMatch === undefined) return ALWAYS;
  if (isAnyEtag(ifMatch)) return { kind: 'present' };
  // RFC 9110 compares strongly here: a weak tag matches nothing.
  return { kind: 'tagged', etags: parseEtags(ifMatch).filter((tag) => !tag.startsWith('W/')) };
};

/** For routes with no other header. */
export const preconditionHeaders = headerPair.transform(readCondition);

/** @returns the problem of a write whose precondition did not hold */
export const preconditionFailed = (): Problem =>
  new Problem('precondition-failed', 'What is stored is not what the precondition names. GET it again, then retry.');
