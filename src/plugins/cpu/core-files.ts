/** What sysfs says of each core, in node_exporter's words: frequencies, and how often it was throttled. */
import { existsSync } from 'node:fs';
import type { Host, Labels, MetricWriter } from '../../core/base-plugin.ts';
import { SmallFiles } from '../shared/small-files.ts';

const FREQUENCIES = [
  ['cpuinfo_cur_freq', 'node_cpu_frequency_hertz', 'Current cpu thread frequency in hertz.'],
  ['cpuinfo_min_freq', 'node_cpu_frequency_min_hertz', 'Minimum cpu thread frequency in hertz.'],
  ['cpuinfo_max_freq', 'node_cpu_frequency_max_hertz', 'Maximum cpu thread frequency in hertz.'],
  ['scaling_cur_freq', 'node_cpu_scaling_frequency_hertz', 'Current scaled CPU thread frequency in hertz.'],
  ['scaling_min_freq', 'node_cpu_scaling_frequency_min_hertz', 'Minimum scaled CPU thread frequency in hertz.'],
  ['scaling_max_freq', 'node_cpu_scaling_frequency_max_hertz', 'Maximum scaled CPU thread frequency in hertz.'],
] as const;
/** Those of some eighty cores. */
const MOST_KEPT_FILES = 512;

export class CoreFiles {
  readonly #root: string;
  readonly #files = new SmallFiles(MOST_KEPT_FILES);
  readonly #labels = new Map<string, Labels>();

  constructor({ sysfs }: Host) {
    this.#root = `${sysfs}/devices/system/cpu`;
  }

  tellFrequencies(cores: readonly string[], metrics: MetricWriter): void {
    const there = cores.filter((core) => existsSync(this.#path(core, 'cpufreq')));
    for (const [file, name, help] of FREQUENCIES) {
      const family = metrics.gauge(name, help);
      // Kilohertz; some may be read by root only, or are written `<unknown>`.
      for (const core of there) family.add(this.#files.number(this.#path(core, `cpufreq/${file}`)) * 1000, this.#labelsOf({ cpu: core }));
    }
  }

  /** Threads of one core count together, and so do cores of one package. */
  tellThrottles(cores: readonly string[], metrics: MetricWriter): void {
    const ofCores = metrics.counter('node_cpu_core_throttles_total', 'Number of times this CPU core has been throttled.');
    const ofPackages = metrics.counter('node_cpu_package_throttles_total', 'Number of times this CPU package has been throttled.');
    const told = new Set<string>();
    for (const cpu of cores) {
      if (!existsSync(this.#path(cpu, 'thermal_throttle'))) continue;
      const [core, owner] = [
        this.#files.line(this.#path(cpu, 'topology/core_id')),
        this.#files.line(this.#path(cpu, 'topology/physical_package_id')),
      ];
      if (core === null || owner === null) continue;
      const count = (what: string) => this.#files.number(this.#path(cpu, `thermal_throttle/${what}_throttle_count`));
      if (!told.has(`${owner}/${core}`)) ofCores.add(count('core'), this.#labelsOf({ core, package: owner }));
      if (!told.has(owner)) ofPackages.add(count('package'), this.#labelsOf({ package: owner }));
      told.add(`${owner}/${core}`).add(owner);
    }
  }

  close(): void {
    this.#files.forget();
  }

  #path(core: string, file: string): string {
    return `${this.#root}/cpu${core}/${file}`;
  }

  #labelsOf(labels: Labels): Labels {
    const key = JSON.stringify(labels);
    const known = this.#labels.get(key) ?? Object.freeze(labels);
    this.#labels.set(key, known);
    return known;
  }
}
