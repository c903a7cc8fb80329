import { STATES, type State } from './schema.ts';

/** What of /proc/PID/stat is of interest. */
export interface ProcessStat {
  readonly name: string;
  readonly state: State;
  readonly parent: number;
  readonly userTicks: number;
  readonly systemTicks: number;
  readonly threads: number;
  /** After the boot of the machine, in ticks: with its number it tells one process from every other. */
  readonly startTicks: number;
  readonly virtualBytes: number;
  readonly residentPages: number;
}

/** Columns behind the name, counted from the state on. */
const [PARENT, USER, SYSTEM, THREADS, START, VIRTUAL, RESIDENT] = [1, 11, 12, 17, 19, 20, 21];

/**
 * @param text `1234 (a name) S 1 ...`: the name may have anything in it, also a parenthesis and a newline
 * @returns null where it is not that
 */
export function parseProcessStat(text: string): ProcessStat | null {
  const from = text.indexOf('(');
  const to = text.lastIndexOf(')');
  if (from < 0 || to < from) return null;
  const columns = text.slice(to + 2).split(' ');
  const number = (column: number) => Number(columns[column] || Number.NaN);
  const stat = {
    name: text.slice(from + 1, to),
    state: STATES[columns[0] as keyof typeof STATES] ?? 'other',
    parent: number(PARENT),
    userTicks: number(USER),
    systemTicks: number(SYSTEM),
    threads: number(THREADS),
    startTicks: number(START),
    virtualBytes: number(VIRTUAL),
    residentPages: number(RESIDENT),
  };
  return Number.isNaN(stat.parent + stat.userTicks + stat.systemTicks + stat.threads + stat.startTicks + stat.residentPages) ? null : stat;
}
