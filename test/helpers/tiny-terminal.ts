/** A terminal that knows what hostpulse sends to one, and takes anything else for a mistake. */
export class TinyTerminal {
  readonly modes = new Map<string, boolean>();
  columns: number;
  rows: number;
  #cells: { text: string; style: string }[][] = [];
  #row = 0;
  #column = 0;
  #style = '0';
  #rest = '';

  constructor(columns: number, rows: number) {
    [this.columns, this.rows] = [columns, rows];
    this.#clear();
  }

  resize(columns: number, rows: number): void {
    [this.columns, this.rows] = [columns, rows];
    this.#clear();
  }

  get lines(): string[] {
    return this.#cells.map((cells) =>
      cells
        .map(({ text }) => text)
        .join('')
        .trimEnd(),
    );
  }

  get text(): string {
    return this.lines.join('\n');
  }

  /** Of the cell where this text begins, the first time. */
  styleOf(text: string): string | null {
    for (const cells of this.#cells) {
      const at = cells
        .map((cell) => cell.text)
        .join('')
        .indexOf(text);
      if (at >= 0) return cells[at]?.style ?? null;
    }
    return null;
  }

  /** The screen as text with colours. */
  get captured(): string {
    const lines = this.#cells.map((cells) =>
      cells.map(({ text, style }, at) => (style === (cells[at - 1]?.style ?? '') ? text : `\u001b[${style}m${text}`)).join(''),
    );
    return lines.join('\n');
  }

  write(text: string): void {
    let input = this.#rest + text;
    this.#rest = '';
    while (input !== '') {
      if (input.startsWith('\u001b')) {
        const sequence = /^\[(\?)?([\d;]*)([A-Za-z])/.exec(input.slice(1));
        if (!sequence) {
          if (!/^(\[[?\d;]*)?$/.test(input.slice(1))) throw new Error(`not a sequence of ours: ${JSON.stringify(input.slice(0, 20))}`);
          this.#rest = input;
          return;
        }
        this.#obey(sequence[1] === '?', sequence[2] ?? '', sequence[3] as string);
        input = input.slice(sequence[0].length + 1);
      } else {
        const character = String.fromCodePoint(input.codePointAt(0) as number);
        this.#put(character);
        input = input.slice(character.length);
      }
    }
  }

  #obey(isPrivate: boolean, parameters: string, final: string): void {
    const numbers = parameters.split(';').map((number) => Number(number || 1));
    if (isPrivate && (final === 'h' || final === 'l')) {
      this.modes.set(parameters, final === 'h');
      if (parameters === '1049') this.#clear();
    } else if (final === 'H') [this.#row, this.#column] = [(numbers[0] ?? 1) - 1, (numbers[1] ?? 1) - 1];
    else if (final === 'G') this.#column = (numbers[0] ?? 1) - 1;
    else if (final === 'm') this.#style = parameters;
    else if (final === 'J' && parameters === '2') this.#clear();
    else throw new Error(`not a sequence of ours: ${parameters}${final}`);
  }

  #put(character: string): void {
    // What a shell or the kernel writes around us.
    if (character === '\r') this.#column = 0;
    else if (character === '\n') this.#row = Math.min(this.rows - 1, this.#row + 1);
    else if (character === '\u0018') return;
    else if (character < ' ' || (character >= '\u007f' && character < '\u00a0')) {
      throw new Error(`a control character: ${JSON.stringify(character)}`);
    } else if (/\p{M}/u.test(character)) {
      const cell = this.#cells[this.#row]?.[this.#column - 1];
      if (cell) cell.text += character;
    } else {
      const cells = this.#cells[this.#row];
      if (cells && this.#column < this.columns) cells[this.#column] = { text: character, style: this.#style };
      this.#column++;
    }
  }

  #clear(): void {
    this.#cells = Array.from({ length: this.rows }, () => Array.from({ length: this.columns }, () => ({ text: ' ', style: '0' })));
  }
}
