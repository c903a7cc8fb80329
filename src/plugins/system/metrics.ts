/** The system in node_exporter's words: `uname`, `os`, `time`. */
import type { Collectors, Host, Labels, MetricWriter } from '../../core/base-plugin.ts';
import { RootFiles } from '../shared/root-files.ts';
import { parseAssignments } from './facts.ts';
import type { SystemSource } from './source.ts';
import { zoneName } from './zone-name.ts';

/** A distribution, and the zone, do not change from one scrape to the next. */
const SELDOM_MS = 60_000;
const RELEASE_LABELS = [
  ...['build_id', 'id', 'id_like', 'image_id', 'image_version', 'name', 'pretty_name', 'variant', 'variant_id'],
  ...['version', 'version_codename', 'version_id'],
];
const INFO_HELP = `A metric with a constant '1' value labeled by ${RELEASE_LABELS.join(', ')}.`;

export function systemCollectors(source: SystemSource, host: Host): Collectors {
  const files = new RootFiles(host.isForeign ? `${host.procfs}/1/root` : '');
  const release = seldom(() => releaseOf(files));
  // Its own, as the offset is: of another's procfs only the files are seen, not the clock.
  const zone = seldom(() => zoneName(new Date(), new RootFiles('')));
  return {
    uname: (metrics) => {
      const { kernel, hostname, architecture } = source.read().facts;
      const labels = {
        domainname: host.readLine(`${host.procfs}/sys/kernel/domainname`) ?? '',
        machine: architecture,
        nodename: hostname ?? '',
        release: kernel.release ?? '',
        sysname: kernel.name ?? '',
        version: kernel.version ?? '',
      };
      metrics.gauge('node_uname_info', 'Labeled system information as provided by the uname system call.').add(1, labels);
    },
    os: (metrics) => tellRelease(release(), metrics),
    time: (metrics) => {
      const now = new Date();
      const time_zone = zone();
      metrics.gauge('node_time_seconds', 'System time in seconds since epoch (1970).').add(now.getTime() / 1000);
      metrics
        .gauge('node_time_zone_offset_seconds', 'System time zone offset in seconds.')
        .add(time_zone === null ? null : -60 * now.getTimezoneOffset() + 0, { time_zone: time_zone ?? '' });
      tellClocks(host, metrics);
    },
  };
}

function seldom<T>(read: () => T): () => T {
  let known: { readonly value: T; readonly timeMs: number } | null = null;
  return () => {
    if (!known || performance.now() - known.timeMs > SELDOM_MS) known = { value: read(), timeMs: performance.now() };
    return known.value;
  };
}

/** @throws where there is no such file, or it may not be read */
function releaseOf(files: RootFiles): Labels {
  const text = files.text('/etc/os-release') ?? files.text('/usr/lib/os-release');
  if (text === null) throw new Error('there is no os-release that can be read');
  const words = parseAssignments(text);
  return Object.freeze(Object.fromEntries(RELEASE_LABELS.map((label) => [label, words.get(label.toUpperCase()) ?? ''])));
}

function tellRelease(release: Labels, metrics: MetricWriter): void {
  const { id = '', id_like = '', name = '', version_id = '' } = release;
  metrics.gauge('node_os_info', INFO_HELP).add(1, release);
  const version = /^\d+(\.\d+)?/.exec(version_id)?.[0];
  metrics
    .gauge('node_os_version', 'Metric containing the major.minor part of the OS version.')
    .add(version === undefined ? null : Number(version), { id, id_like, name });
}

function tellClocks(host: Host, metrics: MetricWriter): void {
  const available = metrics.gauge(
    'node_time_clocksource_available_info',
    "Available clocksources read from '/sys/devices/system/clocksource'.",
  );
  const current = metrics.gauge('node_time_clocksource_current_info', "Current clocksource read from '/sys/devices/system/clocksource'.");
  // There is one for the whole machine.
  const directory = `${host.sysfs}/devices/system/clocksource/clocksource0`;
  const words = (file: string) => host.readLine(`${directory}/${file}`)?.split(/\s+/) ?? [];
  for (const clocksource of words('available_clocksource')) available.add(1, { clocksource, device: '0' });
  for (const clocksource of words('current_clocksource')) current.add(1, { clocksource, device: '0' });
}
