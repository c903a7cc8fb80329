import type { EventLoopUtilization } from 'node:perf_hooks';
import { performance } from 'node:perf_hooks';
import type { Collector, MetricWriter } from '../metric-writer.ts';
import type { Registry } from '../running/registry.ts';
import type { Sessions, SessionsState } from '../sessions.ts';
import { VERSION } from '../version.ts';
import { tellProcessFiles } from './process-files.ts';

/** What the agent tells of itself. */
export function selfCollector(registry: Registry, sessions: Sessions): Collector {
  let before: EventLoopUtilization = performance.eventLoopUtilization();
  return (metrics) => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    const { rss, heapUsed } = process.memoryUsage();
    const { user, system } = process.cpuUsage();
    metrics.gauge('hostpulse_build_info', 'The version of the agent and of Node.').add(1, { version: VERSION, node: process.version });
    metrics.counter('process_cpu_seconds_total', 'Total user and system CPU time spent in seconds.').add((user + system) / 1e6);
    metrics.gauge('process_resident_memory_bytes', 'Resident memory size in bytes.').add(rss);
    tellProcessFiles(metrics);
    metrics
      .gauge('process_start_time_seconds', 'Start time of the process since unix epoch in seconds.')
      .add(performance.timeOrigin / 1000);
    metrics.gauge('hostpulse_heap_used_bytes', 'JavaScript heap in use.').add(heapUsed);
    metrics
      .gauge('hostpulse_event_loop_utilization_ratio', 'Share of time that the event loop was busy since the last scrape.')
      .add(utilization);
    tellSessions(sessions.state, metrics);
    tellPlugins(registry, metrics);
  };
}

function tellSessions(state: SessionsState, metrics: MetricWriter): void {
  const { open, behind, bufferedBytes, messages, dropped, closedAsSlow, refused } = state;
  metrics.gauge('hostpulse_sessions', 'Open WebSocket and event stream connections.').add(open);
  metrics.gauge('hostpulse_sessions_behind', 'Open connections that hold back more than the high-water mark.').add(behind);
  metrics.gauge('hostpulse_sessions_buffered_bytes', 'Bytes that open connections hold back.').add(bufferedBytes);
  metrics
    .counter('hostpulse_sessions_closed_as_slow_total', 'Connections that were closed because they were read too slowly.')
    .add(closedAsSlow);
  metrics.counter('hostpulse_sessions_refused_total', 'Connections that were refused because as many as allowed were open.').add(refused);
  metrics.counter('hostpulse_messages_total', 'Messages sent to subscribers.').add(messages);
  metrics.counter('hostpulse_messages_dropped_total', 'Messages that a newer one replaced before a slow reader took them.').add(dropped);
}

function tellPlugins(registry: Registry, metrics: MetricWriter): void {
  const isReady = metrics.gauge('hostpulse_plugin_ready', 'Whether the plugin is served.');
  const subscribers = metrics.gauge('hostpulse_plugin_subscribers', 'Open subscriptions to topics of the plugin.');
  const counts = {
    requests: metrics.counter('hostpulse_plugin_requests_total', 'Requests that the plugin answered.'),
    errors: metrics.counter('hostpulse_plugin_errors_total', 'Errors of the plugin.'),
    reloads: metrics.counter('hostpulse_plugin_reloads_total', 'Reloads of the plugin.'),
    published: metrics.counter('hostpulse_plugin_published_total', 'Values that topics of the plugin have published.'),
    ticks: metrics.counter('hostpulse_plugin_ticks_total', 'Ticks of the polls of the plugin.'),
    missedTicks: metrics.counter('hostpulse_plugin_missed_ticks_total', 'Ticks of the polls of the plugin that were passed over.'),
  };
  const blocked = metrics.counter('hostpulse_plugin_blocked_seconds_total', 'Time for which the plugin held up the event loop.');
  const age = metrics.gauge('hostpulse_plugin_newest_sample_age_seconds', 'Age of the newest sample of the plugin.');
  for (const { name: plugin, state, statistics, topics } of registry.all) {
    const labels = { plugin };
    isReady.add(state === 'ready' ? 1 : 0, labels);
    subscribers.add(topics.listeners.count, labels);
    const told = statistics.toJSON();
    for (const count of Object.keys(counts) as (keyof typeof counts)[]) counts[count].add(told[count], labels);
    blocked.add(told.blocked.totalMs / 1000, labels);
    age.add(told.newestSampleAgeMs === null ? null : told.newestSampleAgeMs / 1000, labels);
  }
}
