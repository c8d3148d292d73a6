import type { Exchange, Pressed, ShownButton, State, Stored } from '../console-state.ts';
import { find, setText, showRow, showRows } from './elements.ts';
import { bytes, clock, duration, plural, pretty, ttl } from './figures.ts';

/* Asks the console once a second what is new, and shows it without moving what is open. */

const EVERY_MS = 1_000;
const MOST_REQUESTS = 200;

const showRequest = ({ id, status, latency_ms = 0, trips = 0, owner, ...request }: Exchange): void => {
  const took = status === undefined ? 'under way' : `${duration(latency_ms)} · ${plural(trips, 'trip')}`;
  const texts = {
    clock: clock(request.time),
    method: request.method,
    path: request.url,
    status: String(status ?? '…'),
    more: owner === '' ? took : `${took} · ${owner}`,
    sent: pretty(request.sent),
    got: pretty(request.got),
  };
  showRow(find('requests'), { id, texts, state: String(status ?? 0).charAt(0) }, true);
};

const showValue = async (element: EventTarget | null): Promise<void> => {
  if (!(element instanceof HTMLDetailsElement) || !element.open || !element.matches('.members > *')) return;
  const { value } = await (await fetch(`/value?key=${encodeURIComponent(element.dataset.id ?? '')}`)).json();
  setText(element.querySelector('pre'), pretty(value));
};

const showKeys = ({ keys, isCut }: Stored): void => {
  const groups = [...Map.groupBy(keys, ({ owner }) => owner)];
  const elements = showRows(
    find('keys'),
    groups.map(([owner, members]) => {
      const size = members.reduce((sum, key) => sum + key.bytes, 0);
      return { id: owner, texts: { owner, more: `${plural(members.length, 'key')} · ${bytes(size)}` } };
    }),
  );
  for (const [at, [, members]] of groups.entries()) {
    const rows = members.map(({ name, type, ttl_ms, bytes: size }) => ({
      id: name,
      texts: { key: name, about: `${type} · ${ttl(ttl_ms)} · ${bytes(size)}` },
    }));
    showRows(elements[at]?.querySelector('.members') ?? find('keys'), rows);
  }
  find('cut').hidden = !isCut;
  setText(find('cut'), `The first ${keys.length} keys that Redis named.`);
};

const showFigures = ({ redis, processes: [running] }: State): void => {
  const figures = {
    ...('fault' in redis
      ? { Redis: redis.fault }
      : {
          'Memory of Redis': bytes(redis.memory_bytes),
          'Commands per second': String(redis.commands_per_second),
          Connections: String(redis.clients),
          Keys: `${redis.keys.length}${redis.isCut ? ' and more' : ''}`,
        }),
    'Process of the functions': running ? `${running.pid}, since ${clock(running.started)}` : 'not running',
    'Its memory': running ? bytes(running.memory_bytes) : '–',
  };
  showRows(
    find('figures'),
    Object.entries(figures).map(([name, figure]) => ({ id: name, texts: { name, figure } })),
  );
};

const showFunctions = ({ functions, processes }: State): void => {
  const running = processes.length > 0 ? 'serving' : 'not running';
  const rows = functions.map(({ name, access, summary, isServed }) => {
    const state = isServed ? running : 'not in this start';
    return { id: name, state, texts: { name, state: `${state} · ${access}`, summary } };
  });
  showRows(find('functions'), rows);
};

const showButtons = (buttons: readonly ShownButton[]): void => {
  for (const { name, label, isPressed, reason } of buttons) {
    const button = showRow(find('buttons'), { id: name, texts: { label, reason: reason ?? '' } }).querySelector(
      'button',
    );
    if (button === null) continue;
    button.disabled = reason !== undefined;
    if (isPressed !== undefined) button.ariaPressed = String(isPressed);
  }
};

const press = async (button: EventTarget | null): Promise<void> => {
  if (!(button instanceof HTMLButtonElement)) return;
  const response = await fetch(`/press?button=${button.parentElement?.dataset.id}`, { method: 'POST' });
  const { outcome, buttons }: Pressed = await response.json();
  setText(find('outcome'), outcome);
  showButtons(buttons);
};

let since = 0;
const look = async (): Promise<void> => {
  const state: State = await (await fetch(`/state?since=${since}`)).json();
  for (const exchange of state.requests) {
    since = Math.max(since, exchange.version);
    showRequest(exchange);
  }
  const list = find('requests');
  while (list.childElementCount > MOST_REQUESTS + 1) list.lastElementChild?.remove();
  find('no-requests').hidden = list.childElementCount > 1;
  if (!('fault' in state.redis)) showKeys(state.redis);
  showFigures(state);
  showFunctions(state);
  showButtons(state.buttons);
};

const goOn = async (): Promise<void> => {
  try {
    if (!document.hidden) await look();
    document.body.dataset.state = 'live';
  } catch {
    document.body.dataset.state = 'lost';
    setText(find('outcome'), 'npm start has ended, or does not answer.');
  }
  setTimeout(goOn, EVERY_MS);
};

find('buttons').addEventListener('click', ({ target }) => void press(target));
// A toggle does not bubble.
find('keys').addEventListener('toggle', ({ target }) => void showValue(target), true);
void goOn();
