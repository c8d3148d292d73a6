/** What went wrong, for a person, in one piece: what a command said ends with a line break. Of a call that reached no server, only the cause says why. */
export const messageOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  // Every address of a host name was tried.
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join(', ');
  return error.cause instanceof Error ? `${error.message}: ${messageOf(error.cause)}` : error.message.trim();
};
