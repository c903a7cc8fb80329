import type { FastifyInstance } from 'fastify';
import { encodingNamed } from '../../streams/encoding.ts';
import type { Question } from '../../streams/question.ts';
import type { DeliveryLimits } from '../../streams/sink.ts';
import { StreamSession } from '../../streams/stream-session.ts';
import { wsBeat, wsSink } from '../../streams/ws-sink.ts';
import { type AccessPolicy, checkKey, presentedKey } from '../access.ts';
import { HostpulseError, toErrorBody } from '../errors.ts';
import { parsePath } from '../json-path.ts';
import { mergeVariables } from '../request-data.ts';
import type { Registry } from '../running/registry.ts';
import type { Sessions } from '../sessions.ts';

export interface StreamRouteOptions {
  readonly registry: Registry;
  readonly sessions: Sessions;
  readonly policy: AccessPolicy;
  readonly limits: DeliveryLimits & { readonly subscriptions: number };
}

/** The multiplexed socket: many topics of many plugins over one connection. */
export function addStreamRoute(app: FastifyInstance, options: StreamRouteOptions): void {
  const { registry, sessions, policy, limits } = options;

  function openTopic(topic: string, query: Readonly<Record<string, unknown>>, key: string | null): Question | Promise<Question> {
    const [route = '', ...path] = parsePath(topic);
    const plugin = registry.get(route);
    checkKey(policy, key, plugin.settings.apiKey);
    return plugin.ask(path, mergeVariables(query, undefined));
  }

  app.route({
    method: 'GET',
    url: '/stream',
    config: { takesUpgrade: true, anyPluginKey: true },
    handler: (_request, reply) => {
      reply.header('upgrade', 'websocket');
      throw new HostpulseError(
        'HOSTPULSE_ERR_UPGRADE_REQUIRED',
        '/stream speaks WebSocket; for a single topic use curl -N -H "accept: text/event-stream"',
      );
    },
    wsHandler: (socket, request) => {
      const key = presentedKey(request.headers, request.query);
      const encoding = encodingNamed(socket.protocol);
      const sink = wsSink(socket, encoding);
      if (sessions.refuses(sink)) return;
      const session = new StreamSession({
        sink,
        encoding,
        limits,
        counts: sessions.counts,
        open: (topic, query) => openTopic(topic, query, key),
        describe: toErrorBody,
      });
      const leave = sessions.join(sink, wsBeat(socket));
      socket.on('message', (message, isBinary) => session.receive(isBinary ? (message as Buffer) : message.toString()));
      socket.on('close', () => {
        session.end();
        leave();
      });
    },
  });
}
