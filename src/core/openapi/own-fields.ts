/** What the agent's own endpoints answer, declared as plugins declare theirs; a test holds the answers against it. */
import type { Field, FieldGroup, Fields } from '../fields.ts';

const text = (description: string): Field => ({ kind: 'info', description });
const texts = (description: string): Field => ({ kind: 'info', type: 'array', description });
const count = (unit: string, description: string): Field => ({ kind: 'counter', unit, description });
const gauge = (unit: string, description: string): Field => ({ kind: 'gauge', unit, description });

export const healthFields: Fields = {
  status: { kind: 'info', values: ['ok', 'degraded'], description: '`degraded`: a plugin is not served' },
  version: text('of the agent'),
  uptimeSeconds: gauge('seconds', 'since the start'),
  plugins: { description: 'how many', fields: { ready: gauge('plugins', 'that are served'), failed: gauge('plugins', 'that are not') } },
};

export const rootFields: Fields = {
  name: text('of the agent'),
  version: text('of the agent'),
  plugins: texts('routes of the plugins'),
  endpoints: texts('what the agent has beside them'),
};

const told = (description: string): FieldGroup => ({
  description,
  nullable: true,
  fields: { message: text('as it was logged'), timestampMs: { kind: 'info', type: 'integer', description: 'Unix time in milliseconds' } },
});

const durations = (description: string): FieldGroup => ({
  description,
  nullable: true,
  fields: { p50: gauge('ms', 'half were shorter'), p99: gauge('ms', '99 of 100 were shorter'), max: gauge('ms', 'the longest') },
});

const statisticsFields: Fields = {
  subscribers: gauge('subscriptions', 'that are open'),
  held: gauge('questions', 'listened to for who was cut off or polls, until limits.heldMs have passed'),
  requests: count('requests', 'answered'),
  errors: count('errors', 'of whatever kind'),
  reloads: count('reloads', 'that worked'),
  handlerMs: durations('of its request handler; `null` before the first request'),
  published: count('values', 'that its topics have published'),
  ticks: count('ticks', 'of its polls'),
  missedTicks: count('ticks', 'passed over because the one before was not done'),
  collectMs: durations('of the readings of its polls; `null` before the first'),
  newestSampleAgeMs: { ...gauge('ms', 'of its newest sample; `null` before the first'), nullable: true },
  blocked: {
    description: 'when it held up the event loop for longer than limits.blockMs',
    fields: {
      count: count('times', 'that it did'),
      totalMs: count('ms', 'in all'),
      maxMs: gauge('ms', 'the longest'),
      last: {
        description: 'the last time',
        nullable: true,
        fields: {
          what: text('was running'),
          ms: gauge('ms', 'that it took'),
          timestampMs: { kind: 'info', type: 'integer', description: 'Unix time in milliseconds' },
        },
      },
    },
  },
};

export const pluginsFields: Fields = {
  plugins: {
    description: 'one object per plugin',
    identity: 'name',
    each: {
      name: text('keys its parameters in the configuration'),
      route: text('its URL'),
      topics: texts('names; the first is what its URL streams'),
      origin: text('its file, or `built in`'),
      version: { ...text('what its class says; `null` where it says none'), nullable: true },
      state: {
        kind: 'info',
        values: ['registered', 'initializing', 'ready', 'failed', 'terminated'],
        description: 'only `ready` is served',
      },
      lastError: told('what went wrong last; `null` where nothing has'),
      lastReloadError: told('why the last reload was refused; `null` where it was not'),
      leaks: {
        description: 'what the last instance that was terminated had not freed; `null` before',
        nullable: true,
        fields: { timers: gauge('timers', 'that still ran'), subscriptions: gauge('subscriptions', 'that were still open') },
      },
      history: {
        description: 'what is kept of its past; `null` where it fails to tell',
        nullable: true,
        fields: {
          samples: gauge('samples', 'of all intervals and questions; of plugins that keep something by themselves, what they tell of it'),
          bytes: gauge('bytes', 'that these take in memory, about'),
          spanMs: gauge('ms', 'from the oldest to the newest, where that is longest'),
        },
      },
      statistics: { description: 'through all its reloads', fields: statisticsFields },
    },
  },
  sessions: {
    description: 'event streams and sockets',
    fields: {
      open: gauge('sessions', 'now'),
      behind: gauge('sessions', 'that hold back more than `limits.highWaterBytes` now'),
      bufferedBytes: gauge('bytes', 'that all of them hold back now'),
      mostBufferedBytes: gauge('bytes', 'that one of those that are open has held back at most'),
      messages: count('messages', 'sent to subscribers'),
      dropped: count('messages', 'that a newer one replaced before a slow reader took them'),
      closedAsSlow: count('sessions', 'closed because their reader stayed too slow'),
      refused: count('sessions', 'for which there was no room'),
    },
  },
};

export const reloadFields: Fields = {
  plugins: {
    description: 'what became of each that was looked at',
    each: {
      plugin: text('its name'),
      outcome: { kind: 'info', values: ['loaded', 'reloaded', 'unloaded', 'refused'], description: 'of those that were wanted' },
      message: { ...text('why it was refused'), optional: true },
    },
  },
  needsRestart: texts("keys of the agent's own configuration that have changed and are heeded only by a new start"),
};
