import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import WebSocket from 'ws';

/** What a client does that is a few lines of somebody's script: it goes on behind what it has, and knows nothing else. */
export abstract class PlainFollower {
  /** Values as they came, and gaps. */
  readonly told: string[] = [];
  readonly gaps: string[] = [];
  protected readonly url: string;
  protected has = '0';
  #isOver = false;

  constructor(url: string) {
    this.url = url;
  }

  protected abstract connect(): Promise<void>;
  protected abstract leave(): void;

  async run(): Promise<void> {
    while (!this.#isOver) {
      await this.connect();
      await sleep(2);
    }
  }

  end(): void {
    this.#isOver = true;
    this.leave();
  }

  protected take(data: string, sequence: string): void {
    this.told.push(data);
    this.has = sequence;
  }
}

export class SocketFollower extends PlainFollower {
  #socket: WebSocket | null = null;

  protected connect(): Promise<void> {
    const socket = new WebSocket(`${this.url.replace('http', 'ws')}&since=${this.has}`);
    this.#socket = socket;
    socket.on('message', (data) => {
      const text = String(data);
      const { gap, sequence } = JSON.parse(text) as { gap?: unknown; sequence: number };
      if (gap) this.gaps.push(text);
      else this.take(text, String(sequence));
    });
    return new Promise((resolve) => socket.on('error', () => {}).on('close', () => resolve()));
  }

  protected leave(): void {
    this.#socket?.terminate();
  }
}

export class EventFollower extends PlainFollower {
  #leave = () => {};

  protected connect(): Promise<void> {
    return new Promise((resolve) => {
      const headers = { accept: 'text/event-stream', 'last-event-id': this.has };
      const asking = request(this.url, { agent: false, headers }, (response) => {
        let rest = '';
        response.setEncoding('utf8').on('data', (text: string) => {
          const blocks = (rest + text).split('\n\n');
          // What was cut in two is none.
          rest = blocks.pop() ?? '';
          for (const block of blocks) this.#event(block);
        });
        response.on('error', () => {}).on('close', resolve);
      });
      this.#leave = () => asking.destroy();
      asking.on('error', () => resolve());
      asking.end();
    });
  }

  #event(block: string): void {
    const lines = block.split('\n');
    const field = (name: string) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
    const [data, id] = [field('data'), field('id')];
    if (data === undefined) return;
    if (field('event') === 'gap') this.gaps.push(data);
    else this.take(data, id ?? '');
  }

  protected leave(): void {
    this.#leave();
  }
}
