/** One line of JSON per value, for programs. */
import { EXIT } from '../exit-codes.ts';
import { standardOutput } from '../output.ts';
import { sayable, sayableJson } from '../sayable.ts';
import type { Feed } from './feed.ts';

/** Who is further behind than so many lines gets the newest; the sequence shows the gap, as on a socket. */
const MOST_UNREAD = 1000;

/** @param most ends after so many lines. @returns the exit code */
export async function watchPiped(feed: Feed, most: number): Promise<number> {
  const out = standardOutput();
  const say = (text: string) => void process.stderr.write(`hostpulse: ${text}\n`);
  const unread: string[] = [];
  let [left, wake, failure] = [most, () => {}, null as unknown];
  const states = feed.state$.subscribe((state) => {
    if (state.kind === 'lost' && state.delayMs !== null) say(`connection lost: ${sayable(state.reason)}; trying again`);
  });
  const values = feed.events$.subscribe({
    next: (event) => {
      if (event.type === 'gap') say(`something is missing here: ${JSON.stringify(event.gap)}`);
      if (event.type === 'absent') say(`there is no value now: ${sayable(event.error.message)}`);
      if (event.type !== 'value') return;
      // The agent's JSON is what this makes of it: byte for byte what was pushed.
      unread.push(JSON.stringify(event.value));
      if (unread.length > MOST_UNREAD) unread.shift();
      wake();
    },
    error: (error) => {
      failure = error;
      wake();
    },
  });
  out.closed.addEventListener('abort', () => wake());
  try {
    while (left > 0 && !out.closed.aborted) {
      const line = unread.shift();
      if (line !== undefined) {
        await out.write(`${process.stdout.isTTY ? sayableJson(line) : line}\n`);
        left--;
      } else if (failure !== null) throw failure;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
    return EXIT.ok;
  } finally {
    values.unsubscribe();
    states.unsubscribe();
    feed.close();
  }
}
