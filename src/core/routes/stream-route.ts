import type { FastifyInstance } from 'fastify';
import { StreamSession } from '../../streams/delivery/stream-session.ts';
import { WsSink } from '../../streams/delivery/ws-sink.ts';
import { encodingNamed } from '../../streams/encoding/encoding.ts';
import type { Question } from '../../streams/question.ts';
import { type AccessPolicy, checkKey, presentedKey } from '../access.ts';
import { HostpulseError, toErrorBody } from '../errors.ts';
import { parsePath } from '../json-path.ts';
import { mergeVariables } from '../request-data.ts';
import type { Registry } from '../running/registry.ts';
import type { Sessions } from '../sessions.ts';
import { leave, together } from './together.ts';
import type { Upgraded } from './upgraded.ts';

export interface StreamRouteOptions {
  readonly registry: Registry;
  readonly sessions: Sessions;
  readonly policy: AccessPolicy;
  readonly upgraded: Upgraded;
  readonly limits: { readonly subscriptions: number };
}

/** The multiplexed socket: many topics of many plugins over one connection. */
export function addStreamRoute(app: FastifyInstance, options: StreamRouteOptions): void {
  const { registry, sessions, policy, upgraded, limits } = options;

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
      const connection = upgraded(request, socket);
      const sink = new WsSink(socket, connection, encoding);
      if (sessions.refuses(sink)) return;
      const session = new StreamSession({
        sink,
        encoding,
        deliveries: sessions.deliveries,
        mostSubscriptions: limits.subscriptions,
        open: (topic, query) => {
          const asked = openTopic(topic, query, key);
          if (!(asked instanceof Promise) && asked.missed) leave(connection);
          return asked;
        },
        describe: toErrorBody,
        listen: (isListening) => (isListening ? socket.resume() : socket.pause()),
      });
      sessions.join(sink);
      socket.on('message', (message, isBinary) => {
        together(connection);
        session.receive(isBinary ? (message as Buffer) : message.toString());
      });
      socket.on('close', (code) => {
        session.end(sink.wasCut(code));
        sessions.leave(sink);
      });
    },
  });
}
