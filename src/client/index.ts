/** For programs and pages that follow an agent; docs/client.md shows how. */
export { AgentError } from './agent-error.ts';
export { type BytesBetween, bytesBetween, type CountedInterfaces } from './bytes-between.ts';
export { type Client, connect, type TopicGap } from './client.ts';
export type { ConnectionState } from './connection.ts';
export type { TopicEvent } from './feed.ts';
export type { FieldsOf } from './fields-of.ts';
export type { ClientOptions, Fetch, Query, TransportName } from './options.ts';
export type { HistoryColumns, HistorySeries, NetinfoSample, TopicName, TopicTypes, Turn } from './topic-types.ts';
export type { SocketConstructor } from './transports/socket.ts';
