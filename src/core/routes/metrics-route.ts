import type { FastifyInstance } from 'fastify';
import { badVariable } from '../errors.ts';
import { CollectorRuns, type NamedCollector } from '../metrics/collector-runs.ts';
import { CONTENT_TYPES, negotiate, toText } from '../metrics/exposition.ts';
import { collectorsOf } from '../metrics/plugin-collectors.ts';
import { scrape } from '../metrics/scrape.ts';
import { selfCollector } from '../metrics/self-metrics.ts';
import { refuseUnknown } from '../query.ts';
import { addVary, sendMethodError } from '../reply.ts';
import type { Registry } from '../running/registry.ts';
import type { Sessions } from '../sessions.ts';
import type { IsVisible } from './visible.ts';

export interface MetricsRouteOptions {
  readonly registry: Registry;
  readonly sessions: Sessions;
  readonly isVisible: IsVisible;
  /** Longest time that a collector is waited for, milliseconds. */
  readonly handlerMs: number;
}

type Query = Readonly<Record<string, unknown>>;

/** What of Prometheus' own deadline is kept for the way back, milliseconds. */
const WAY_BACK_MS = 500;

/** `GET /metrics`: all plugins' numbers as Prometheus wants them, read anew for each scrape. */
export function addMetricsRoute(app: FastifyInstance, { registry, sessions, isVisible, handlerMs }: MetricsRouteOptions): void {
  const self: NamedCollector = {
    name: 'hostpulse',
    collect: selfCollector(registry, sessions),
    onFailure: (error) => app.log.error({ err: error }),
  };

  const runs = new CollectorRuns();

  app.get('/metrics', async (request, reply) => {
    const collectors = chosen(
      [self, ...registry.all.filter((plugin) => isVisible(request, plugin)).flatMap(collectorsOf)],
      request.query as Query,
    );
    const format = negotiate(request.headers.accept);
    const families = await scrape(runs, collectors, deadlineMs(request.headers['x-prometheus-scrape-timeout-seconds'], handlerMs));
    addVary(reply, 'accept');
    return reply.header('content-type', CONTENT_TYPES[format]).header('cache-control', 'no-store').send(toText(families, format));
  });
  app.post('/metrics', (_request, reply) => sendMethodError(reply, 'GET, HEAD'));
}

/** `collect[]=cpu&collect[]=meminfo`, or all but `exclude[]=...`. @throws HOSTPULSE_ERR_BAD_VARIABLE */
function chosen(all: readonly NamedCollector[], query: Query): readonly NamedCollector[] {
  const { apikey: _key, ...rest } = query;
  refuseUnknown(rest, ['collect[]', 'exclude[]']);
  const names = [...new Set(all.map(({ name }) => name))];
  const [collect, exclude] = ['collect[]', 'exclude[]'].map((variable) => {
    const wanted = [query[variable] ?? []].flat().map(String);
    const unknown = wanted.find((name) => !names.includes(name));
    if (unknown !== undefined) throw badVariable(variable, unknown, names.join(', '));
    return new Set(wanted);
  }) as [Set<string>, Set<string>];
  if (collect.size > 0 && exclude.size > 0) throw badVariable('exclude[]', [...exclude].join(), 'collect[] or exclude[], not both');
  return all.filter(({ name, isOnRequest }) => (collect.size === 0 ? !isOnRequest && !exclude.has(name) : collect.has(name)));
}

/** Prometheus says how long it waits; an answer after that would be for nobody. */
function deadlineMs(header: string | string[] | undefined, mostMs: number): number {
  const seconds = Number(header);
  return seconds > 0 ? Math.min(mostMs, Math.max(100, seconds * 1000 - WAY_BACK_MS)) : mostMs;
}
