/** The message of an error with those of its causes: `fetch failed` alone does not say why. */
export const messageOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  // Node tried every address of a host name.
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join(', ');
  return error.cause instanceof Error ? `${error.message}: ${messageOf(error.cause)}` : error.message.trim();
};
