// Trends of made-up patients, for every question about one.

/** What `server.told` answers to a question about a trend; `holes` are stretches of wall time in which nothing was heard. */
export function trendOf(search, { holes = [], shape = (value, ms) => value } = {}) {
  const asked = new URLSearchParams(search);
  const [from, to, points] = ['from_ms', 'to_ms', 'points'].map((key) => Number(asked.get(key)));
  const bucket = (to - from) / points;
  const code = asked.get('value');
  const usual = { hr: 82, pr: 81, spo2: 96, rr: 16, temp: 36.8, nibp_s: 122, nibp_d: 74, nibp_m: 90 }[code] ?? 10;
  const spots = code.startsWith('nibp');
  const buckets = Array.from({ length: points }, (_, n) => {
    const ms = from + n * bucket;
    if (holes.some(([begin, end]) => ms >= begin && ms < end)) return null;
    if (spots && Math.floor(ms / 1_800_000) === Math.floor((ms - bucket) / 1_800_000)) return null;
    const mean = shape(usual, ms, code) + (usual / 40) * Math.sin(ms / 900_000);
    return { lowest: (mean * 0.98).toFixed(1), highest: (mean * 1.02).toFixed(1), mean: mean.toFixed(1), count: 60, absent: 0 };
  });
  return {
    body: {
      from_ms: from, bucket_ms: bucket, series: [{ device: 'monitor', admission: null, buckets }],
      stretches: [{ boot: 'a', trust: 'synchronised', first_ms: from, last_ms: to }], undated: [], undated_left_out: 0, unreadable: 0,
    },
  };
}
