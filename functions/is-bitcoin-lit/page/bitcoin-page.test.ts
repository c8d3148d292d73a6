import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { html } from '../../../shared/page/html.ts';
import { renderEmptyPage, renderPage } from './bitcoin-page.ts';
import { chooseTicks, fitScale, place } from './chart.ts';
import { ageText, measures, sentimentText } from './format.ts';
import { averageByHour, type History, type Summary, splitAtGaps, toSeries } from './series.ts';

const HOUR_MS = 3_600_000;
const START = Date.parse('2021-07-07T15:00:00.000Z');
const time = (milliseconds: number) => new Date(START + milliseconds).toISOString();

const summary: Summary = {
  lit: true,
  hourly_average_of_averages: [
    { time: time(0), price: 34_000, sentiment: 0.2, samples: 12, complete: true },
    { time: time(HOUR_MS), price: 34_100, sentiment: 0.25, samples: 12, complete: true },
    { time: time(2 * HOUR_MS), price: 34_340, sentiment: 0.3, samples: 6, complete: false },
  ],
  price_direction: 'rising',
  sentiment_direction: 'rising',
  as_of: time(2.5 * HOUR_MS),
  age_seconds: 42,
  stale: false,
  source: 'senticrypt',
};

const history: History = {
  step_seconds: 300,
  points: Array.from({ length: 60 }, (_, at) => ({
    time: time((at - 30) * 300_000),
    price: 34_000 + at,
    sentiment: at / 100,
    samples: 10,
  })),
};

const input = { summary, history, hours: 24, origin: 'http://bitcoin.test' } as const;

describe('the page', () => {
  it('shows the verdict, the reason, the change and the age', () => {
    const lit = renderPage(input).html;
    expect(lit).toContain('<title>Lit · Is Bitcoin lit?</title>');
    expect(lit).toContain('Price and sentiment are both rising.');
    expect(lit).toContain('+$340.00 (+1.00%) over 3 hours');
    expect(lit).toContain('42 seconds ago');
    const dark = renderPage({ ...input, summary: { ...summary, lit: false, sentiment_direction: 'falling' } }).html;
    expect(dark).toContain('Not lit');
    expect(dark).toContain('Price is rising, but sentiment is falling.');
  });

  it('says how old stale data is', () => {
    const page = renderPage({ ...input, summary: { ...summary, stale: true, age_seconds: 7_300 } });
    expect(page.html).toContain('The feed is frozen: its newest sample is 2 hours old.');
    expect(page.html).toContain('were both rising');
  });

  it('allows only its own style and script, and loads nothing from other hosts', () => {
    for (const page of [renderPage(input), renderEmptyPage()]) {
      const policy = page.headers['content-security-policy'] ?? '';
      expect(policy).toMatch(
        /^default-src 'none'; style-src 'sha256-\S+'; script-src 'sha256-\S+'; connect-src 'self'; /,
      );
      expect(policy).not.toContain('unsafe');
      expect(page.html.replace(/<meta property.+/g, '')).not.toMatch(/ style=| on\w+=|https?:\/\//);
    }
  });

  it('draws no line across a gap', () => {
    const { points, stepMs } = toSeries(summary, history);
    const holed = points.filter((_, at) => at < 10 || at > 12);
    expect(splitAtGaps(holed, stepMs).map(({ length }) => length)).toEqual([10, 47]);
  });

  it('can show a single sample', () => {
    const [hour] = summary.hourly_average_of_averages;
    const one = { ...summary, hourly_average_of_averages: hour ? [hour] : [] };
    const page = renderPage({ ...input, summary: one, history: { ...history, points: history.points.slice(0, 1) } });
    expect(page.html).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('weighs the steps of an hour by their number of samples', () => {
    const point = { middle: 0, price: 100, sentiment: 0.1, samples: 1 };
    const hours = averageByHour(
      [
        { ...point, start: 0 },
        { ...point, start: 300_000, price: 400, samples: 2 },
      ],
      HOUR_MS,
    );
    expect(hours).toMatchObject([{ start: 0, price: 300, samples: 3 }]);
  });

  it('escapes values', () => {
    expect(html`<p title="${'"><script>'}">${['&', html`<b>ok</b>`]}</p>`.text).toBe(
      '<p title="&#34;&#62;&#60;script&#62;">&#38;<b>ok</b></p>',
    );
    expect(renderPage({ ...input, note: '<img>' }).html).toContain('&#60;img&#62;');
  });
});

describe('figures as text', () => {
  it.each([
    [0, '0 seconds'],
    [1, '1 second'],
    [119, '119 seconds'],
    [120, '2 minutes'],
    [5_400, '90 minutes'],
    [7_200, '2 hours'],
    [172_800, '2 days'],
    [169_000_000, '5 years'],
  ])('write an age of %i seconds as %s', (seconds, text) => {
    expect(ageText(seconds)).toBe(text);
  });

  it('have a sign', () => {
    expect([sentimentText(0.2), sentimentText(-0.05), sentimentText(0)]).toEqual(['+0.200', '−0.050', '0.000']);
    expect(measures.price.changeText(950, 1_000)).toBe('−$50.00 (−5.00%)');
  });
});

describe('a scale', () => {
  it('contains every value, and has at most five ticks', () => {
    const value = fc.double({ min: -100_000, max: 100_000, noNaN: true });
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 50 }), (values) => {
        const scale = fitScale(values, 0.02);
        for (const each of values) expect(place(each, scale)).toBeGreaterThanOrEqual(0);
        for (const each of values) expect(place(each, scale)).toBeLessThanOrEqual(1);
        const ticks = chooseTicks(scale, 4);
        expect(ticks.length).toBeLessThanOrEqual(5);
        for (const tick of ticks) expect(Math.abs(place(tick, scale) - 0.5)).toBeLessThanOrEqual(0.5 + 1e-9);
      }),
    );
  });
});
