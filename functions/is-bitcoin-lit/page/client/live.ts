/** How long after an event the page is fetched: other instances need a moment to drop what they hold in memory. */
const SETTLE_MS = 300;
/** Spreads the visitors of one event, so that they do not all ask in the same instant. */
const SPREAD_MS = 700;
const ATTEMPTS = 3;
const POLL_MS = 60_000;
/** Without a stream, one is tried again after this many polls: it may have been refused because there were too many. */
const POLLS_PER_STREAM = 5;

export type LiveState = 'live' | 'polling' | 'paused' | 'lost';

interface LiveHooks {
  /** The time of the newest sample that the page shows, as it is written in summaries. */
  readonly asOf: () => string;
  /** Whether the page shows figures from before the store went away. */
  readonly isCutOff: () => boolean;
  /** Fetches the page and shows it. */
  readonly update: () => Promise<void>;
  readonly onState: (state: LiveState) => void;
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/**
 * Keeps the page fresh by the event stream beside it, which the server ends now and then and the browser opens again.
 * Where there is none, as when this function is deployed on a host of its own, it asks once a minute, and tries the stream
 * now and then. A hidden page holds no connection, because an open one keeps an instance billed; it catches up when it is
 * seen again.
 */
export const keepLive = (events: URL, { asOf, isCutOff, update, onState }: LiveHooks): void => {
  let source: EventSource | undefined;
  let timer: number | undefined;
  let isUpdating = false;
  let isLost = false;

  const refresh = async (wanted?: string): Promise<void> => {
    if (isUpdating) return;
    isUpdating = true;
    try {
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        if (wanted !== undefined) await pause((attempt + 1) * SETTLE_MS + Math.random() * SPREAD_MS);
        await update();
        if (wanted === undefined || asOf() >= wanted) break;
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
      if (latest !== undefined && (latest !== asOf() || isCutOff())) void refresh(latest);
    });
    stream.addEventListener('paused', () => onState('paused'));
    stream.addEventListener('error', () => {
      // The browser reconnects by itself unless the answer was no event stream; then there is none here.
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
