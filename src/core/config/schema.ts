/**
 * Every key of the server's configuration, with its meaning, unit and default. config/README.md and
 * config/hostpulse.example.yaml show the same keys; a test holds the three together. Environment names
 * follow from the keys (`network.port` = HOSTPULSE_NETWORK_PORT).
 */
export const serverSchema = {
  network: {
    host: {
      doc: 'Address to listen on. Wider than loopback needs auth.apiKey, or auth.anonymous said out loud',
      format: 'name',
      default: '127.0.0.1',
    },
    port: { doc: 'TCP port to listen on; 0 takes any free one', format: 'tcpPort', default: 9192 },
    allowedHosts: {
      doc: 'Host names, beside loopback ones, that an agent without an API key answers to (DNS rebinding)',
      format: 'words',
      default: [] as string[],
    },
  },
  tls: {
    certFile: { doc: 'PEM file with the certificate chain; with tls.keyFile the agent speaks HTTPS and WSS', format: 'text', default: '' },
    keyFile: { doc: 'PEM file with the private key of tls.certFile', format: 'text', default: '' },
  },
  auth: {
    apiKey: { doc: 'Key that every request must carry; empty: none', format: 'text', default: '', sensitive: true },
    anonymous: {
      doc: 'true: everyone who can reach the agent may read it, also from outside, without a key',
      format: 'flag',
      default: false,
    },
  },
  cors: {
    origins: {
      doc: 'Web origins whose pages may read the agent and open sockets (https://example.org); empty: only its own',
      format: 'words',
      default: [] as string[],
    },
  },
  paths: {
    procfs: {
      doc: "Where the host's procfs is mounted; other than /proc, the network of its PID 1 is read",
      format: 'directory',
      default: '/proc',
    },
    sysfs: { doc: "Where the host's sysfs is mounted", format: 'directory', default: '/sys' },
    rootfs: {
      doc: "Where the host's root file system is mounted; other than /, its names, versions, logins and mounts are read there",
      format: 'directory',
      default: '/',
    },
    plugins: {
      doc: 'Where plugins of your own are: directories (/srv/plugins, ./plugins from where the agent is started, ~/plugins) and npm packages by name',
      format: 'words',
      default: [] as string[],
    },
    watch: { doc: 'true: a plugin is reloaded when its files change, loaded when they appear', format: 'flag', default: false },
  },
  log: {
    level: {
      doc: 'Least severity that is logged',
      format: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
      default: 'info',
    },
    format: {
      doc: 'pretty for people, json for machines, auto: pretty on a terminal',
      format: ['auto', 'pretty', 'json'],
      default: 'auto',
    },
  },
  limits: {
    bodyBytes: { doc: 'Largest request body, bytes', format: 'positiveInteger', default: 65_536 },
    urlBytes: { doc: 'Longest URL, bytes', format: 'positiveInteger', default: 4096 },
    messageBytes: { doc: 'Largest message from a WebSocket client, bytes', format: 'positiveInteger', default: 16_384 },
    requestMs: {
      doc: 'Longest time in which a request must have come completely, milliseconds',
      format: 'positiveInteger',
      default: 30_000,
    },
    connections: { doc: 'Most TCP connections at a time; further ones are closed at once', format: 'positiveInteger', default: 12_000 },
    sessions: { doc: 'Most WebSocket and SSE connections at a time', format: 'positiveInteger', default: 10_000 },
    subscriptions: { doc: 'Most subscriptions of one connection to /stream', format: 'positiveInteger', default: 64 },
    highWaterBytes: {
      doc: 'Unsent bytes of a connection above which its samples are conflated to the newest',
      format: 'positiveInteger',
      default: 65_536,
    },
    slowConsumerMs: {
      doc: 'A connection above the high-water mark for so long is closed with 1013, milliseconds',
      format: 'positiveInteger',
      default: 10_000,
    },
    historyMs: {
      doc: 'How long what a topic published is kept for who missed it, where the plugin does not keep it itself, milliseconds',
      format: 'positiveInteger',
      default: 300_000,
    },
    historyBytes: {
      doc: 'Most bytes that are so kept for one plugin; beyond it the oldest go',
      format: 'positiveInteger',
      default: 1_048_576,
    },
    heldMs: {
      doc: 'How long is listened to what a plugin does not keep itself for who was cut off, or polls, and may come back, milliseconds',
      format: 'positiveInteger',
      default: 15_000,
    },
    heartbeatMs: {
      doc: 'Time between WebSocket pings and SSE comments; who misses one ping is cut off, milliseconds',
      format: 'positiveInteger',
      default: 30_000,
    },
    handlerMs: { doc: 'Longest time a plugin may take for an answer, then 504, milliseconds', format: 'positiveInteger', default: 5000 },
    initializeMs: { doc: 'Longest time a plugin may take to initialize, milliseconds', format: 'positiveInteger', default: 10_000 },
    blockMs: {
      doc: "A plugin's code that holds up the event loop for so long is named in the log and in /plugins, milliseconds",
      format: 'positiveInteger',
      default: 50,
    },
    terminateMs: { doc: 'Longest time a plugin may take to terminate, milliseconds', format: 'positiveInteger', default: 500 },
  },
} as const;

/** Parameters that every plugin has beside its own; they are the server's to heed, the plugin does not see them. */
export const pluginSchema = {
  enabled: { doc: 'false: the plugin is not loaded', format: 'flag', default: true },
  routePath: { doc: 'URL segment of the plugin instead of its own; empty: its own', format: 'route', default: '' },
  apiKey: { doc: 'Key that opens this plugin alone, beside auth.apiKey; empty: none', format: 'text', default: '', sensitive: true },
} as const;

type ValueOf<D> = D extends boolean ? boolean : D extends number ? number : D extends string ? string : D;
type ValuesOf<S> = S extends { readonly default: infer D } ? ValueOf<D> : { readonly [K in keyof S]: ValuesOf<S[K]> };

export type ServerConfig = ValuesOf<typeof serverSchema>;
export type PluginSettings = ValuesOf<typeof pluginSchema>;
