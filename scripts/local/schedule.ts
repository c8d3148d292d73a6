const MINUTE_MS = 60_000;

const refresh = async (url: string): Promise<string> => {
  const response = await fetch(`${url}/refresh`, { method: 'POST' });
  const answer: unknown = await response.json();
  const { received, added, title } = Object(answer);
  if (response.status === 200) return `${received} rows received, ${added} new`;
  return response.status === 202 ? 'another refresh is running' : `failed with ${response.status}: ${title}`;
};

/** Calls /refresh now and each minute, as Cloud Scheduler would. @returns how the first call went */
export const startSchedule = async (url: string, onStop: (stop: () => void) => void): Promise<string> => {
  const first = await refresh(url);
  const timer = setInterval(() => {
    refresh(url).then(
      (outcome) => console.log(`refresh: ${outcome}`),
      (error) => console.error(`refresh: ${error instanceof Error ? error.message : error}`),
    );
  }, MINUTE_MS);
  onStop(() => clearInterval(timer));
  return `${first}; again each minute, as Cloud Scheduler would`;
};
