import { type BigIntStats, constants } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import type { MetricWriter } from '../../../core/base-plugin.ts';
import { elsewhere } from '../../shared/threads.ts';
import { MergedFamilies } from './merged-families.ts';
import { type PromFamily, parsePromText } from './prom-text.ts';

/** A larger file is none of metrics. */
const MOST_BYTES = 16 * 1024 * 1024;
/** Of a file that has just been written the next version may bear the same time. */
const SETTLED_MS = 2000;
const ERROR_HELP = '1 if there was an error opening or reading a file, 0 otherwise';
const MTIME_HELP = 'Unixtime mtime of textfiles successfully read.';

interface Parsed {
  /** The same while the file is the same. */
  readonly version: string;
  readonly mtimeMs: number;
  readonly families: ReadonlyMap<string, PromFamily>;
}

/**
 * The *.prom files of a directory, as programs leave them there for node_exporter. Each is taken whole or not at all;
 * one that is wrong is told of once in the log, with `node_textfile_scrape_error`, and keeps no other back. Nothing is
 * read on the main loop: the directory may be on a server that is gone.
 */
export class Textfiles {
  readonly #directory: string;
  readonly #warn: (message: string) => void;
  #parsed = new Map<string, Parsed>();
  #problems = new Set<string>();

  /** @param directory empty: none */
  constructor(directory: string, warn: (message: string) => void) {
    this.#directory = directory;
    this.#warn = warn;
  }

  async collect(metrics: MetricWriter): Promise<void> {
    const problems = new Set<string>();
    const parsed = new Map<string, Parsed>();
    for (const path of await this.#paths(problems)) {
      try {
        parsed.set(path, await elsewhere(() => this.#read(path)));
      } catch (error) {
        problems.add(`${path}: ${(error as Error).message}`);
      }
    }
    this.#parsed = parsed;
    const merged = new MergedFamilies();
    for (const [path, { families, mtimeMs }] of parsed) {
      const problem = merged.add(path, families);
      if (problem !== null) problems.add(`${path}: ${problem}`);
      else metrics.gauge('node_textfile_mtime_seconds', MTIME_HELP).add(Math.floor(mtimeMs / 1000), { file: path });
    }
    merged.tell(metrics);
    metrics.gauge('node_textfile_scrape_error', ERROR_HELP).add(problems.size > 0 ? 1 : 0);
    this.#report(problems);
  }

  async #paths(problems: Set<string>): Promise<string[]> {
    if (this.#directory === '') return [];
    try {
      const names = (await elsewhere(() => readdir(this.#directory))).filter((name) => name.endsWith('.prom'));
      return names.sort().map((name) => `${this.#directory.replace(/\/+$/, '')}/${name}`);
    } catch (error) {
      problems.add(`${this.#directory}: ${(error as Error).message}`);
      return [];
    }
  }

  async #read(path: string): Promise<Parsed> {
    const known = this.#parsed.get(path);
    if (known && isSame(known, await stat(path, { bigint: true }))) return known;
    // A pipe would keep us waiting for whoever writes to it.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stats = await file.stat({ bigint: true });
      if (!stats.isFile()) throw new Error('is no file');
      if (stats.size > MOST_BYTES) throw new Error(`is larger than ${MOST_BYTES} bytes`);
      const families = parsePromText(await file.readFile('utf8'));
      return { version: versionOf(stats), mtimeMs: Number(stats.mtimeMs), families };
    } finally {
      await file.close();
    }
  }

  /** Each once, until it is gone. */
  #report(problems: Set<string>): void {
    for (const problem of problems) if (!this.#problems.has(problem)) this.#warn(problem);
    this.#problems = problems;
  }
}

function versionOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${dev}/${ino}/${size}/${mtimeNs}/${ctimeNs}`;
}

function isSame({ version }: Parsed, stats: BigIntStats): boolean {
  return version === versionOf(stats) && Date.now() - Number(stats.ctimeMs) > SETTLED_MS;
}
