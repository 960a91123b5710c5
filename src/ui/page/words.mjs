export const stateWords = {
  copied: 'copied',
  underWay: 'under way',
  waiting: 'waiting',
  differing: 'differing',
  dropped: 'dropped at the source',
};

export function count(value) {
  return value.toLocaleString('en-US');
}

export function several(value, one, many) {
  return `${count(value)} ${value === 1 ? one : many}`;
}

export function rowsPerSecond(value) {
  return value === null ? '–' : `${count(value)} rows/s`;
}

export function bytesPerSecond(value) {
  if (value === null) return '–';
  const units = ['B', 'kB', 'MB', 'GB'];
  let unit = 0;
  for (; value >= 1000 && unit < units.length - 1; unit++) value /= 1000;
  return `${value >= 100 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}/s`;
}

/** `41 s`, `3 min`, `5 h`, `2 days` */
export function duration(milliseconds) {
  const seconds = Math.round(milliseconds / 1000);
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h`;
  return `${count(Math.round(seconds / 86_400))} days`;
}

export function lag(value) {
  if (value === null) return '–';
  if ('unknown' in value) return 'unknown';
  if ('ms' in value) return value.ms === 0 ? 'none' : duration(value.ms);
  return value.ticks === '0' ? 'none' : `up to ${value.ticks}`;
}

/** An ISO time, or one of PostgreSQL's, to the second. */
export function time(text) {
  return text === null ? '' : `${text.slice(0, 19).replace('T', ' ')} UTC`;
}

/** A cursor value without what nobody reads. */
export function bound(text) {
  return text
    .replace(/(:\d\d)\.\d+/, '$1')
    .replace(/\+00$/, '')
    .replace(/ 00:00:00$/, '');
}
