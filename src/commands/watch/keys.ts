/** What a terminal sends, as names of keys. */
const ESCAPE = '\x1b';

const NAMES: Readonly<Record<string, string>> = {
  '\x03': 'ctrl-c',
  '\x0c': 'ctrl-l',
  '\x15': 'ctrl-u',
  '\x1a': 'ctrl-z',
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\x7f': 'backspace',
  '\b': 'backspace',
};

/** Behind ESC [ or ESC O. */
const SEQUENCES: Readonly<Record<string, string>> = {
  ...{ A: 'up', B: 'down', C: 'right', D: 'left', H: 'home', F: 'end' },
  ...{ '5~': 'page-up', '6~': 'page-down', '1~': 'home', '4~': 'end', '7~': 'home', '8~': 'end' },
};

/** A slow line cuts a sequence in two; what has not gone on within this time was the key Esc. */
export const ESCAPE_MS = 50;

export class KeyReader {
  #rest = '';

  /** Is something there that may go on? */
  get isWaiting(): boolean {
    return this.#rest !== '';
  }

  /** The keys that are complete; unknown sequences are none. */
  push(text: string): string[] {
    let input = this.#rest + text;
    this.#rest = '';
    const keys: string[] = [];
    while (input !== '') {
      const rest = input.startsWith(ESCAPE) ? input.slice(1) : null;
      if (rest !== null && /^(?:\[[0-9;?<]*|O)?$/.test(rest)) {
        this.#rest = input;
        return keys;
      }
      const [sequence, parameters, final, single] = rest === null ? [] : (/^(?:\[([0-9;?<]*)([@-~])|O([A-Za-z]))/.exec(rest) ?? []);
      const [character = ''] = input;
      const name = sequence === undefined ? nameOf(character) : SEQUENCES[single ?? (final === '~' ? `${parameters}~` : (final ?? ''))];
      if (name !== undefined) keys.push(name);
      input = input.slice(sequence === undefined ? character.length : sequence.length + 1);
    }
    return keys;
  }

  /** Nothing more has come: it was Esc alone. */
  flush(): string[] {
    const hadAny = this.isWaiting;
    this.#rest = '';
    return hadAny ? ['escape'] : [];
  }
}

/** Of other control characters there is no key. */
function nameOf(character: string): string | undefined {
  if (character === ESCAPE) return 'escape';
  return NAMES[character] ?? (character < ' ' ? undefined : character);
}
