import ms from 'ms';

/** `1,234,567` */
export function formatCount(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** `3 minutes`, of milliseconds. */
export function formatDuration(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : ms(milliseconds, { long: true });
}

/** `1.4 s`, `3 min`: for where there is little room. */
export function formatShort(milliseconds: number): string {
  if (milliseconds < 60_000) return `${Math.max(1, Math.round(milliseconds / 1000))} s`;
  const minutes = Math.round(milliseconds / 60_000);
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}

/** `2026-11-24 10:00:00`, in UTC, of an instant as ISO 8601 has it. */
export function formatSecond(iso: string): string {
  return iso.slice(0, 19).replace('T', ' ');
}

/** A sentence with its full stop. */
export function ended(sentence: string): string {
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}
