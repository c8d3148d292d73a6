/** The message of an error with those of its causes: `fetch failed` alone does not say why. */
export const messageOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  // Node tried every address of a host name.
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join(', ');
  const { message, cause } = error;
  return cause instanceof Error ? `${message.replace(/\.$/, '')}: ${messageOf(cause)}` : message.trim();
};
