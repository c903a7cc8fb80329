import { closeSync, constants, fstatSync, openSync, readdirSync, readFileSync } from 'node:fs';
import type { MetricWriter } from '../../../core/base-plugin.ts';
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
 * one that is wrong is told of once in the log, with `node_textfile_scrape_error`, and keeps no other back.
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

  collect(metrics: MetricWriter): void {
    const problems = new Set<string>();
    const parsed = new Map<string, Parsed>();
    for (const path of this.#paths(problems)) {
      try {
        parsed.set(path, this.#read(path));
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

  #paths(problems: Set<string>): string[] {
    if (this.#directory === '') return [];
    try {
      const names = readdirSync(this.#directory).filter((name) => name.endsWith('.prom'));
      return names.sort().map((name) => `${this.#directory.replace(/\/+$/, '')}/${name}`);
    } catch (error) {
      problems.add(`${this.#directory}: ${(error as Error).message}`);
      return [];
    }
  }

  #read(path: string): Parsed {
    // A pipe would keep us waiting for whoever writes to it.
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stat = fstatSync(fd, { bigint: true });
      if (!stat.isFile()) throw new Error('is no file');
      if (stat.size > MOST_BYTES) throw new Error(`is larger than ${MOST_BYTES} bytes`);
      const mtimeMs = Number(stat.mtimeNs / 1_000_000n);
      const version = `${stat.dev}/${stat.ino}/${stat.size}/${stat.mtimeNs}/${stat.ctimeNs}`;
      const known = this.#parsed.get(path);
      if (known?.version === version && Date.now() - Number(stat.ctimeMs) > SETTLED_MS) return known;
      return { version, mtimeMs, families: parsePromText(readFileSync(fd, 'utf8')) };
    } finally {
      closeSync(fd);
    }
  }

  /** Each once, until it is gone. */
  #report(problems: Set<string>): void {
    for (const problem of problems) if (!this.#problems.has(problem)) this.#warn(problem);
    this.#problems = problems;
  }
}
