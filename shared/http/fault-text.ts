import type * as z from 'zod';

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'an integer',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
};

const FORMATS: Readonly<Record<string, string>> = {
  email: 'an e-mail address',
  url: 'a URL',
  uuid: 'a UUID',
  datetime: 'a time such as 2026-01-31T12:00:00Z',
};

const kindOf = (value: unknown): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'number' && !Number.isInteger(value)) return 'a number with a fraction';
  return KINDS[typeof value] ?? typeof value;
};

const UNITS: Readonly<Record<string, string>> = { string: 'characters', array: 'entries', set: 'entries' };

/** `least` or `most`, in the unit of what is measured. */
const boundOf = (origin: string, bound: number | bigint, word: string, isInclusive: boolean): string => {
  const unit = UNITS[origin];
  if (unit === undefined) return isInclusive ? `Must be at ${word} ${bound}` : `Must not be ${bound}, or beyond it`;
  if (word === 'least' && bound === 1) return 'Must not be empty';
  return `Must have at ${word} ${bound} ${bound === 1 ? unit.replace(/ies$/, 'y').replace(/s$/, '') : unit}`;
};

/** What no form of a union takes, where none says it better. */
export const NO_FORM = 'Does not have any of the forms that the documentation lists';

/** Says what would be right, where the schema itself does not say it. */
export const faultText = (issue: z.core.$ZodRawIssue): string => {
  switch (issue.code) {
    case 'invalid_type': {
      if (issue.input === undefined) return 'Is missing';
      const expected = KINDS[issue.expected] ?? issue.expected;
      return `Must be ${expected}, not ${kindOf(issue.input)}`;
    }
    case 'too_small':
      return boundOf(issue.origin, issue.minimum, 'least', issue.inclusive ?? true);
    case 'too_big':
      return boundOf(issue.origin, issue.maximum, 'most', issue.inclusive ?? true);
    case 'invalid_format':
      return FORMATS[issue.format] === undefined
        ? `Must match ${issue.pattern ?? issue.format}`
        : `Must be ${FORMATS[issue.format]}`;
    case 'not_multiple_of':
      return `Must be a multiple of ${issue.divisor}`;
    case 'invalid_value':
      return `Must be ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`;
    case 'invalid_union':
      return NO_FORM;
    default:
      return 'Is not valid; see the documentation';
  }
};
