import * as z from 'zod';

/** How many faults one answer names at most; how many more there are stands in its detail. */
export const MAX_FAULTS = 20;

const fault = z.strictObject({
  path: z.string().meta({ description: 'Where: `body.age`, `path.id`, `query.limit`' }),
  message: z.string().meta({ description: 'What would be right' }),
});

/** The body of every error, as RFC 9457 describes it. */
export const problemSchema = z
  .strictObject({
    type: z
      .string()
      .startsWith('/problems/')
      .meta({ description: '`/problems/<code>`: what to branch on; it can be opened' }),
    title: z.string().min(1),
    status: z.int(),
    detail: z.string().min(1).meta({ description: 'What is wrong and what to do, for people' }),
    request_id: z.string().min(1).meta({ description: 'The id on the log lines of this request' }),
    errors: z
      .array(fault)
      .max(MAX_FAULTS)
      .optional()
      .meta({ description: `The faults in the input, at most ${MAX_FAULTS}; \`detail\` says how many more there are` }),
  })
  .meta({ id: 'Problem' });

/** One fault in the input. */
export type Fault = Readonly<z.infer<typeof fault>>;
export type ProblemDocument = z.infer<typeof problemSchema>;
