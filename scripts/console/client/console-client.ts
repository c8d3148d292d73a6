import {
  block,
  bytes,
  child,
  clock,
  duration,
  fill,
  find,
  keepOnly,
  make,
  plural,
  row,
  setText,
  ttl,
} from './elements.ts';

/* Asks the console once a second what is new, and shows it without moving what is open. */

interface Shown {
  readonly functions: readonly { name: string; access: string; summary: string; isServed: boolean }[];
  readonly buttons: readonly { name: string; label: string; isPressed?: boolean; reason?: string }[];
  readonly processes: readonly { pid: number; started: string; memory_bytes: number }[];
  readonly requests: readonly Exchange[];
  readonly redis: Stored | { readonly fault: string };
}

interface Exchange {
  readonly id: string;
  readonly version: number;
  readonly time: string;
  readonly method: string;
  readonly url: string;
  readonly owner: string;
  readonly status?: number;
  readonly latency_ms?: number;
  readonly trips?: number;
  readonly sent?: string;
  readonly got?: string;
}

interface Key {
  readonly name: string;
  readonly owner: string;
  readonly type: string;
  readonly ttl_ms: number | null;
  readonly bytes: number;
}

interface Stored {
  readonly memory_bytes: number;
  readonly clients: number;
  readonly commands_per_second: number;
  readonly keys: readonly Key[];
  readonly isCut: boolean;
}

const EVERY_MS = 1_000;
const MOST_REQUESTS = 200;

const showRequest = (exchange: Exchange): void => {
  const list = find('requests');
  const { id, time, method, url, status, latency_ms = 0, trips = 0, owner, sent, got } = exchange;
  const element = child(list, id, () => row(['clock', 'method', 'path', 'status', 'more']), true);
  const more = status === undefined ? 'under way' : `${duration(latency_ms)} · ${plural(trips, 'trip')}`;
  fill(element, { clock: clock(time), method, path: url, status: String(status ?? '…') });
  fill(element, { more: owner === '' ? more : `${more} · ${owner}` });
  element.dataset.class = String(status ?? 0).charAt(0);
  if (sent === undefined || got === undefined || element.querySelector('pre') !== null) return;
  element.append(block('Request', sent), block('Answer', got));
};

const showValue = async (element: HTMLDetailsElement, name: string): Promise<void> => {
  if (!element.open) return;
  const { value } = await (await fetch(`/value?key=${encodeURIComponent(name)}`)).json();
  element.querySelector('.block')?.remove();
  element.append(block(`Value of ${name}`, String(value)));
};

const showKeys = ({ keys, isCut }: Stored): void => {
  const list = find('keys');
  const groups = Map.groupBy(keys, ({ owner }) => owner);
  keepOnly(list, new Set(groups.keys()));
  for (const [owner, members] of groups) {
    const group = child(list, owner, () => {
      const details = row(['owner', 'more']);
      details.append(make('div', 'members'));
      return details;
    });
    const size = members.reduce((sum, key) => sum + key.bytes, 0);
    fill(group, { owner, more: `${plural(members.length, 'key')} · ${bytes(size)}` });
    const inside = group.querySelector('.members') ?? group;
    keepOnly(inside, new Set(members.map(({ name }) => name)));
    for (const { name, type, ttl_ms, bytes: weight } of members) {
      const element = child(inside, name, () => {
        const details = row(['key', 'facts']);
        details.addEventListener('toggle', () => void showValue(details, name));
        return details;
      });
      fill(element, { key: name, facts: `${type} · ${ttl(ttl_ms)} · ${bytes(weight)}` });
    }
  }
  find('cut').hidden = !isCut;
  setText(find('cut'), `The first ${keys.length} keys that Redis named.`);
};

const showFigures = ({ redis, processes }: Shown): void => {
  const [running] = processes;
  const ofRedis: readonly (readonly [string, string])[] =
    'fault' in redis
      ? [['Redis', redis.fault]]
      : [
          ['Memory of Redis', bytes(redis.memory_bytes)],
          ['Commands per second', String(redis.commands_per_second)],
          ['Connections', String(redis.clients)],
          ['Keys', `${redis.keys.length}${redis.isCut ? ' and more' : ''}`],
        ];
  const process = running === undefined ? 'not running' : `${running.pid}, since ${clock(running.started)}`;
  const memory = running === undefined ? '–' : bytes(running.memory_bytes);
  const figures = [...ofRedis, ['Process of the functions', process], ['Its memory', memory]] as const;
  const list = find('figures');
  keepOnly(list, new Set(figures.map(([name]) => name)));
  for (const [name, value] of figures) {
    const pair = child(list, name, () => {
      const element = make('div', '');
      element.append(make('dt', '', name), make('dd', ''));
      return element;
    });
    setText(pair.querySelector('dd'), value);
  }
};

const showFunctions = ({ functions, processes }: Shown): void => {
  for (const { name, access, summary, isServed } of functions) {
    const element = child(find('functions'), name, () => {
      const item = make('li', '');
      item.append(...['name', 'state', 'summary'].map((part) => make('span', part)));
      return item;
    });
    const state = !isServed ? 'not in this start' : processes.length > 0 ? 'serving' : 'not running';
    element.dataset.state = state;
    fill(element, { name, state: `${state} · ${access}`, summary });
  }
};

const press = async (name: string): Promise<void> => {
  const response = await fetch(`/press?button=${name}`, { method: 'POST' });
  const { outcome, buttons } = await response.json();
  setText(find('outcome'), String(outcome));
  showButtons(buttons);
};

const showButtons = (buttons: Shown['buttons']): void => {
  for (const { name, label, isPressed, reason } of buttons) {
    const element = child(find('buttons'), name, () => {
      const wrapper = make('div', '');
      const button = make('button', '', label);
      button.addEventListener('click', () => void press(name));
      wrapper.append(button, make('span', 'reason'));
      return wrapper;
    });
    const button = element.querySelector('button');
    if (button === null) continue;
    button.disabled = reason !== undefined;
    if (isPressed !== undefined) button.ariaPressed = String(isPressed);
    setText(element.querySelector('.reason'), reason ?? '');
  }
};

let since = 0;
const look = async (): Promise<void> => {
  const response = await fetch(`/state?since=${since}`);
  const shown: Shown = await response.json();
  for (const exchange of shown.requests) {
    since = Math.max(since, exchange.version);
    showRequest(exchange);
  }
  const list = find('requests');
  while (list.children.length > MOST_REQUESTS) list.lastElementChild?.remove();
  find('no-requests').hidden = list.children.length > 0;
  if (!('fault' in shown.redis)) showKeys(shown.redis);
  showFigures(shown);
  showFunctions(shown);
  showButtons(shown.buttons);
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
void goOn();
