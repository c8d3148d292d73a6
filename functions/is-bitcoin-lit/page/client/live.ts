/** The delay between an event and the fetch: other instances need a moment to drop the summary in their memory. */
const SETTLE_MS = 300;
/** Spreads out the visitors who receive one event, so that they do not all fetch at the same instant. */
const SPREAD_MS = 700;
const ATTEMPTS = 3;
const POLL_MS = 60_000;
/** After so many polls the stream is tried again, because it may have been refused as one too many. */
const POLLS_PER_STREAM = 5;

export type LiveState = 'live' | 'polling' | 'paused' | 'lost';

/** What the page says about its data: `asOf` is the time of the newest sample, as summaries write it. */
const shown = () => document.querySelector<HTMLElement>('#main')?.dataset ?? {};

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/**
 * Keeps the page up to date from the event stream. The server ends the stream now and then, and the browser reconnects.
 * Without a stream, for instance because this function has its own host, the page polls once a minute and now and then
 * tries the stream again. A hidden page holds no connection, because an open one keeps an instance billed; it catches up
 * when it is visible again.
 * @param update fetches the page and shows it
 */
export const keepLive = (events: URL, update: () => Promise<void>, onState: (state: LiveState) => void): void => {
  let source: EventSource | undefined;
  let timer: number | undefined;
  let isUpdating = false;
  let isLost = false;

  /** @param wanted the sample time that the fetched page should have */
  const refresh = async (wanted?: string): Promise<void> => {
    if (isUpdating) return;
    isUpdating = true;
    try {
      for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
        if (wanted !== undefined) await pause(attempt * SETTLE_MS + Math.random() * SPREAD_MS);
        await update();
        if (wanted === undefined || (shown().asOf ?? '') >= wanted) break;
      }
      if (isLost) onState(source === undefined ? 'polling' : 'live');
      isLost = false;
    } catch {
      isLost = true;
      onState('lost');
    } finally {
      isUpdating = false;
    }
  };

  const stop = (): void => {
    source?.close();
    clearTimeout(timer);
    source = undefined;
  };

  const poll = (left: number): void => {
    timer = setTimeout(() => {
      void refresh();
      if (left > 1) poll(left - 1);
      else listen();
    }, POLL_MS);
  };

  const listen = (): void => {
    const stream = new EventSource(events);
    source = stream;
    stream.addEventListener('open', () => onState('live'));
    stream.addEventListener('summary', ({ data }: MessageEvent<string>) => {
      const { as_of: latest }: { as_of?: string } = JSON.parse(data);
      onState('live');
      if (latest !== undefined && (latest !== shown().asOf || shown().trouble === 'away')) void refresh(latest);
    });
    stream.addEventListener('paused', () => onState('paused'));
    stream.addEventListener('error', () => {
      // The browser reconnects by itself, unless the answer was not an event stream: then this host has none.
      if (stream.readyState !== EventSource.CLOSED) {
        onState('lost');
        return;
      }
      stop();
      onState('polling');
      poll(POLLS_PER_STREAM);
    });
  };

  document.addEventListener('visibilitychange', () => {
    stop();
    if (document.hidden) return;
    void refresh();
    listen();
  });
  if (!document.hidden) listen();
};
