import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Question } from '../../streams/question.ts';
import type { Answer, Query } from '../base-plugin.ts';
import { historyTopic } from '../history/history-answer.ts';
import { FIRST_VALUE_MS, type Opened, openQuestion } from '../opened.ts';
import { pushEvents, pushToSocket } from '../push.ts';
import { sendAnswer, sendFrame, sendJson, sendMethodError } from '../reply.ts';
import { requestData } from '../request-data.ts';
import type { Registry } from '../running/registry.ts';
import type { Sessions } from '../sessions.ts';
import { type StreamVariables, splitStreamVariables } from '../stream-variables.ts';
import { wantsEvents } from './access-hook.ts';
import { isIntoValue, type Target, target } from './target.ts';
import { together } from './together.ts';
import { sendHistory, sendNewest, sendPast } from './topic-answers.ts';
import type { Upgraded } from './upgraded.ts';

/** Asked for by who polls a topic: what it publishes, also where the plugin's own answer is another. */
const SAMPLES = 'application/vnd.hostpulse.samples+json';

declare module 'fastify' {
  interface FastifyRequest {
    /** The question of an upgrade, asked before the upgrade is granted. */
    opened: Opened | null;
  }
}

export interface PluginRoutesOptions {
  readonly registry: Registry;
  readonly sessions: Sessions;
  readonly upgraded: Upgraded;
  /** Headers as a plugin may see them: without the key that opened the agent or the plugin. */
  readonly visibleHeaders: (request: FastifyRequest, pluginKey: string) => FastifyRequest['headers'];
}

/** One URL per plugin, four ways to use it: GET, POST, event stream, WebSocket. */
export function addPluginRoutes(app: FastifyInstance, options: PluginRoutesOptions): void {
  const { registry, sessions, upgraded, visibleHeaders } = options;
  app.decorateRequest('opened', null);

  /** At once where the plugin answers at once. */
  function handle(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> | undefined {
    const asked = target(registry, request);
    const { plugin, path, subpath } = asked;
    if (wantsEvents(request)) return streamEvents(request, reply);
    // Which topics it has is known once it is ready.
    if (plugin.state === 'initializing') return plugin.whenReady().then(() => handle(request, reply) ?? reply);
    const topic = historyTopic(plugin, path);
    if (topic) return sendHistory(asked, topic, reply, registry);
    const isFollowing = (request.headers.accept ?? '').includes(SAMPLES);
    const { own, start, when } = heeded(asked, isFollowing);
    if (start) return sendPast(asked, reply, isFollowing);
    if (when !== null && !isFollowing) return plugin.look(path, own, when).then((state) => sendFrame(reply, state));
    if (isFollowing || plugin.topics.has(path[0])) return sendNewest(asked, reply, isFollowing);
    const method = request.method === 'POST' ? 'POST' : 'GET';
    const requestHeaders = visibleHeaders(request, plugin.settings.apiKey);
    const answer = plugin.answerAtOnce(requestData(own, { requestHeaders, subpath, method, clientIp: request.ip }));
    const send = (given: Answer) => sendAnswer(reply, given, plugin, plugin.handlesSubpath ? [] : path);
    if (answer instanceof Promise) return answer.then(send);
    send(answer);
    return undefined;
  }

  function open(request: FastifyRequest): Opened | Promise<Opened> {
    const asked = target(registry, request);
    const question = asked.plugin.ask(asked.path, resumeVariables(asked.variables, request));
    const held = (given: Question) => openQuestion(given, isIntoValue(asked) && !given.isSeldom ? FIRST_VALUE_MS : 0);
    return question instanceof Promise ? question.then(held) : held(question);
  }

  async function streamEvents(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    sessions.checkRoom();
    const opened = await open(request);
    return refuseWrongPath(opened, reply) ?? pushEvents(reply, opened, sessions);
  }

  /** Runs before the upgrade: what is wrong with the question is still answered by an HTTP status. */
  function beforeUpgrade(request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void): void {
    if (!request.ws) return done();
    const opened = open(request);
    const go = (given: Opened) => isToBeGranted(given, request, reply) && done();
    if (opened instanceof Promise) opened.then(go, done);
    else go(opened);
  }

  function isToBeGranted(opened: Opened, request: FastifyRequest, reply: FastifyReply): boolean {
    if (refuseWrongPath(opened, reply)) return false;
    const { socket } = request.raw;
    // It may have gone while the question was opened.
    if (socket.destroyed) opened.release();
    else socket.once('close', opened.release);
    request.opened = opened;
    // The handshake's answer and the first value.
    if (!opened.question.missed) together(socket);
    return true;
  }

  for (const url of ['/:plugin', '/:plugin/*']) {
    app.route({
      method: 'GET',
      url,
      config: { takesUpgrade: true },
      preHandler: beforeUpgrade,
      handler: handle,
      wsHandler: (socket, request) => {
        const opened = request.opened as Opened;
        const connection = upgraded(request, socket);
        connection.off('close', opened.release);
        pushToSocket(socket, connection, opened, sessions);
      },
    });
    app.post(url, handle);
  }

  // Where pages of other origins are let in, @fastify/cors answers their OPTIONS.
  const isPreflightAnswered = app.hasRoute({ method: 'OPTIONS', url: '*' }) || app.hasRoute({ method: 'OPTIONS', url: '/*' });
  app.route({
    method: ['PUT', 'PATCH', 'DELETE', ...(isPreflightAnswered ? [] : ['OPTIONS'])],
    url: '/*',
    handler: (_request, reply) => sendMethodError(reply, 'GET, HEAD, POST'),
  });
}

/** Of a GET. A plugin that declares no variables may know these names itself; its topics do not. */
function heeded({ plugin, path, variables }: Target, isFollowing: boolean): StreamVariables {
  const declared = plugin.pluginClass?.variables;
  const isOurs = isFollowing || plugin.topics.has(path[0]) || (declared !== undefined && plugin.topics.names.length > 0);
  return isOurs ? splitStreamVariables(variables, declared) : { own: variables, start: null, when: null, isConflated: true };
}

/** Browsers say by a header which event they have; they ask again by the URL of the first time. */
function resumeVariables(variables: Query, request: FastifyRequest): Query {
  const id = request.headers['last-event-id'];
  if (typeof id !== 'string' || id === '') return variables;
  const { last: _last, ...others } = variables;
  return { ...others, since: id };
}

/** A path that leads nowhere is answered as a GET would be. */
function refuseWrongPath({ first, release }: Opened, reply: FastifyReply): FastifyReply | undefined {
  if (!first || first.statusCode === 200) return undefined;
  release();
  return sendJson(reply, first.statusCode, first.bytes);
}
