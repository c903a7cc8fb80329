import type { RootFiles } from '../shared/root-files.ts';

/** The last line of a zone's file says its rule as POSIX has it: `CET-1CEST,M3.5.0,M10.5.0/3`. */
const RULE = /\n(<[^>\n]+>|[A-Za-z]+)([+-]?)(\d+)(?::(\d+))?(?::(\d+))?(<[^>\n]+>|[A-Za-z]+)?[^\n]*\n$/;

/** What people call the zone at this time: CET, CEST; null where its file cannot be read. */
export function zoneName(now: Date, files: RootFiles, zone = process.env.TZ): string | null {
  if (zone === '') return 'UTC';
  const text = files.read(zone === undefined ? '/etc/localtime' : `/usr/share/zoneinfo/${zone}`)?.toString('latin1');
  // Without the file the system counts in UTC.
  if (text === undefined) return zone === undefined && now.getTimezoneOffset() === 0 ? 'UTC' : null;
  const [, standard, sign, hours, minutes = '0', seconds = '0', summer] = RULE.exec(text) ?? [];
  if (standard === undefined) return null;
  // Written the other way round: what is to be added to come to UTC.
  const offset = (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes) + Number(seconds) / 60);
  const name = summer !== undefined && now.getTimezoneOffset() !== offset ? summer : standard;
  return name.replace(/[<>]/g, '');
}
