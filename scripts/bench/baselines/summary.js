/* A summary as our function returns it, for the baselines that send a fixed text. */
module.exports = JSON.stringify({
  lit: false,
  hourly_average_of_averages: [15, 16, 17].map((hour) => ({
    time: `2026-07-07T${hour}:00:00.000Z`,
    price: 34_599.076210526,
    sentiment: 0.344421053,
    samples: 95,
    complete: hour < 17,
  })),
  price_direction: 'falling',
  sentiment_direction: 'falling',
  as_of: '2026-07-07T17:30:18.370Z',
  age_seconds: 12,
  stale: false,
  source: 'senticrypt',
});
