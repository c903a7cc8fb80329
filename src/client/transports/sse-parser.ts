export interface ServerSentEvent {
  readonly name: string;
  readonly data: string;
  /** null where it has none. */
  readonly id: string | null;
}

/** Longer than any event of the agent: what never ends is not one of its streams. */
const MOST_CHARACTERS = 64 * 1024 * 1024;

/** Text of an event stream, however it is cut, as its events. */
export class SseParser {
  #rest = '';

  /** The events that are complete now. @throws where one grows without end */
  push(text: string): ServerSentEvent[] {
    const events: ServerSentEvent[] = [];
    // A CR at the end may be half of a line's end.
    const whole = (this.#rest + text).replaceAll('\r\n', '\n');
    const blocks = whole.split('\n\n');
    this.#rest = blocks.pop() as string;
    if (this.#rest.length > MOST_CHARACTERS) throw new Error('an event grows without end');
    for (const block of blocks) {
      const event = eventOf(block);
      if (event) events.push(event);
    }
    return events;
  }
}

/** null: a comment, which only keeps the line open. */
function eventOf(block: string): ServerSentEvent | null {
  let [name, id] = ['message', null as string | null];
  const data: string[] = [];
  for (const line of block.split('\n')) {
    const [, field, value = ''] = /^([^:]+)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (field === 'data') data.push(value);
    else if (field === 'event') name = value;
    else if (field === 'id') id = value;
  }
  return data.length === 0 ? null : { name, data: data.join('\n'), id };
}
