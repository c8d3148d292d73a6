import * as z from 'zod';
import { Problem } from '../../problems/problem.ts';
import { isAnyEtag, parseEtags } from '../../stored-text.ts';

/** What must hold for a write. `tagged`: the stored value has one of these ETags; with none it never holds. */
export type Precondition =
  | { readonly kind: 'none' | 'absent' | 'present' }
  | { readonly kind: 'tagged'; readonly etags: readonly string[] };

/** Holds whatever is stored. */
export const ALWAYS: Precondition = { kind: 'none' };

/** Whether the condition holds for a stored value with this ETag, or for no value if it is undefined. */
export const holds = (condition: Precondition, etag: string | undefined): boolean => {
  if (condition.kind === 'tagged') return etag !== undefined && condition.etags.includes(etag);
  return condition.kind === 'none' || (condition.kind === 'present') === (etag !== undefined);
};

/** The condition as the script argument that `checkLua` reads. */
export const printCondition = (condition: Precondition): string =>
  condition.kind === 'tagged' ? `"${condition.etags.join()}` : condition.kind;

/**
 * Lua for the start of a script that writes. `check(key, condition)` returns whether the condition holds, and whether
 * anything is stored. It reads the stored text only to compare ETags.
 * @param tag a Lua expression for the ETag, without quotes, of the stored `text`
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

/** The two headers of RFC 9110 that make a write conditional. */
export const preconditionFields = {
  'if-match': z.string().optional().meta({ description: '`*`, or the ETag that the stored value must have' }),
  'if-none-match': z
    .literal('*', { error: 'Must be *, which means: only when nothing is stored yet' })
    .optional()
    .meta({ description: '`*`: only when nothing is stored yet' }),
};

const headerPair = z.object(preconditionFields);

/** The condition that the headers ask for. Both at once are a fault. */
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

/** For routes without other headers. */
export const preconditionHeaders = headerPair.transform(readCondition);

/** The problem for a write whose precondition does not hold. */
export const preconditionFailed = (): Problem =>
  new Problem('precondition-failed', 'What is stored is not what the precondition names. GET it again, then retry.');
