import fc from 'fast-check';
import * as z from 'zod';

/** What people and attackers send where something else is expected. */
export const oddities: readonly unknown[] = [
  '',
  ' ',
  '__proto__',
  'constructor',
  'toString',
  '*',
  '{a}b',
  '{counters:1}:a',
  '../users/1',
  'a\u0000b',
  'a\r\nb',
  '\ud800',
  'ﬁ\u0301\u{1f600}',
  'x'.repeat(300),
  'x'.repeat(5_000),
  '1e3',
  '0x1',
  '1.0',
  '-0',
  '9007199254740993',
  ...[0, -1, 1e3, 1.5, 1e308, 9_007_199_254_740_991, 9_007_199_254_740_992],
  ...[true, false, null],
  [],
  {},
  [[]],
  { a: { b: { c: null } } },
];

const odd: fc.Arbitrary<unknown> = fc.constantFrom(...oddities);

type Schema = z.core.JSONSchema.BaseSchema;
type Value = z.core.JSONSchema._JSONSchema | undefined;

const ofString = ({ pattern, format, minLength = 0, maxLength = 60 }: Schema): fc.Arbitrary<unknown> => {
  if (format === 'email') return fc.emailAddress();
  if (pattern !== undefined && !pattern.includes('\\p{')) {
    return fc.stringMatching(new RegExp(pattern, 'u')).map((text) => text.slice(0, maxLength));
  }
  return fc.string({ unit: 'grapheme', minLength, maxLength: Math.min(maxLength, minLength + 40) });
};

const ofObject = (schema: Schema, defs: Schema['$defs']): fc.Arbitrary<unknown> => {
  const { properties = {}, required = [] } = schema;
  const fields = Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, ofSchema(value, defs)]));
  const requiredKeys = required.filter((name) => name in fields);
  const known = fc.record(fields, { requiredKeys, noNullPrototype: true });
  const { additionalProperties: more } = schema;
  if (typeof more !== 'object') return known;
  const others = fc.dictionary(fc.string({ minLength: 1, maxLength: 30 }), ofSchema(more, defs), { maxKeys: 5 });
  return fc.tuple(known, others).map(([one, other]) => ({ ...other, ...one }));
};

/** Values that a JSON schema accepts. It supports the keywords that the routes use. */
const ofSchema = (value: Value, defs: Schema['$defs']): fc.Arbitrary<unknown> => {
  const schema = typeof value === 'object' ? value : {};
  const known = { ...defs, ...schema.$defs };
  if (schema.$ref !== undefined) return ofSchema(known[schema.$ref.split('/').at(-1) ?? ''], known);
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map((each) => ofSchema(each, known)));
  const { minimum = -1_000, maximum = 1_000, maxItems = 6 } = schema;
  switch (schema.type) {
    case 'string':
      return ofString(schema);
    case 'integer':
      return fc.integer({ min: Math.max(minimum, -(2 ** 31)), max: Math.min(maximum, 2 ** 31 - 1) });
    case 'number':
      return fc.double({ min: minimum, max: Math.max(minimum, maximum), noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(ofSchema([schema.items ?? {}].flat()[0], known), { maxLength: Math.min(maxItems, 6) });
    case 'object':
      return ofObject(schema, known);
    default:
      return fc.oneof(fc.jsonValue({ maxDepth: 3 }), odd);
  }
};

/** The same value with one field odd, missing or added. */
const nearMiss = (value: unknown): fc.Arbitrary<unknown> => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return odd;
  const fields = Object.entries(value);
  const replace = fc
    .tuple(fc.constantFrom(...fields.map(([name]) => name), 'extra', '__proto__'), odd)
    .map((field) => Object.fromEntries([...fields, field]));
  const drop = fc.nat({ max: fields.length }).map((at) => Object.fromEntries(fields.toSpliced(at, 1)));
  return fc.oneof({ weight: 3, arbitrary: replace }, drop, odd);
};

/** Values that `schema` accepts, and two in five that it nearly accepts. */
export const inputOf = (schema: z.ZodType): fc.Arbitrary<unknown> => {
  const right = ofSchema(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }), undefined);
  return fc.oneof({ weight: 3, arbitrary: right }, { weight: 2, arbitrary: right.chain(nearMiss) });
};
