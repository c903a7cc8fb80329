/** Bytes that come in pieces, in one buffer: what is not yet used is moved to its start, so that a long file leaves no waste. */
export class HeldBytes {
  readonly #mostBytes: number;
  #buffer: Buffer;
  #start = 0;
  #end = 0;

  constructor(expectedBytes: number, mostBytes: number) {
    this.#buffer = Buffer.allocUnsafeSlow(expectedBytes);
    this.#mostBytes = mostBytes;
  }

  /** Valid until something is added. */
  get bytes(): Buffer {
    return this.#buffer.subarray(this.#start, this.#end);
  }

  get length(): number {
    return this.#end - this.#start;
  }

  /** @throws where too much is held */
  add(piece: Buffer): void {
    const needed = this.length + piece.length;
    if (needed > this.#mostBytes) throw new Error('it is no list of packages');
    if (this.#end + piece.length > this.#buffer.length) {
      const room = needed > this.#buffer.length ? Buffer.allocUnsafeSlow(2 * needed) : this.#buffer;
      this.#buffer.copy(room, 0, this.#start, this.#end);
      [this.#start, this.#end] = [0, this.length];
      this.#buffer = room;
    }
    this.#end += piece.copy(this.#buffer, this.#end);
  }

  drop(count: number): void {
    this.#start += count;
  }
}
